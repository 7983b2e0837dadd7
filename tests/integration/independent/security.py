"""What a charger does when it is told to: OCPP 1.6's security extension."""

from __future__ import annotations

from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509 import ocsp
from ocpp.routing import after, on
from ocpp.v16 import call, call_result
from ocpp.v16.enums import Action

from .equipment import Equipped

LOG = ("Uploading", "Uploaded")
SIGNED_FIRMWARE = ("Downloading", "Downloaded", "SignatureVerified", "Installed")


class Charger(Equipped):
    """A whole charger: has a certificate, believes roots, keeps logs."""

    @on(Action.extended_trigger_message)
    def extended_trigger_message(self, requested_message: str, **_: Any) -> Any:
        """Ask for a certificate when told to."""
        known = requested_message == "SignChargePointCertificate"
        return call_result.ExtendedTriggerMessage(
            status="Accepted" if known else "NotImplemented"
        )

    @after(Action.extended_trigger_message)
    def told_to_ask(self, **_: Any) -> None:
        """Ask."""
        self.follow_up(self._ask_for_certificate())

    async def _ask_for_certificate(self) -> None:
        answer = await self.ask_for_certificate()
        assert answer.status == "Accepted"

    async def ask_for_certificate(self) -> Any:
        """Send a signing request, and return the answer."""
        return await self.say(call.SignCertificate(csr=self.memory.signing_request()))

    @on(Action.certificate_signed)
    def certificate_signed(self, certificate_chain: str) -> Any:
        """Take a certificate that fits its key."""
        takes = self.memory.takes(certificate_chain)
        return call_result.CertificateSigned(status="Accepted" if takes else "Rejected")

    @after(Action.certificate_signed)
    def has_certificate(self, **_: Any) -> None:
        """Let whoever waits for it go on."""
        self.certified.set()

    @on(Action.install_certificate)
    def install_certificate(self, certificate: str, **_: Any) -> Any:
        """Believe a root."""
        self.memory.roots.append(x509.load_pem_x509_certificate(certificate.encode()))
        return call_result.InstallCertificate(status="Accepted")

    @on(Action.get_installed_certificate_ids)
    def get_installed_certificate_ids(self, **_: Any) -> Any:
        """Name the roots it believes."""
        if not self.memory.roots:
            return call_result.GetInstalledCertificateIds(status="NotFound")
        return call_result.GetInstalledCertificateIds(
            status="Accepted",
            certificate_hash_data=[name_of(root) for root in self.memory.roots],
        )

    @on(Action.delete_certificate)
    def delete_certificate(self, certificate_hash_data: dict[str, Any]) -> Any:
        """Believe a root no longer."""
        roots = self.memory.roots
        left = [root for root in roots if name_of(root) != certificate_hash_data]
        self.memory.roots = left
        status = "NotFound" if len(left) == len(roots) else "Accepted"
        return call_result.DeleteCertificate(status=status)

    @on(Action.get_log)
    def get_log(self, **_: Any) -> Any:
        """Name the file that it sends."""
        return call_result.GetLog(status="Accepted", filename="security.log")

    @after(Action.get_log)
    def logged(self, request_id: int, **_: Any) -> None:
        """Send it."""
        self.follow_up(self.tell_of_log(request_id))

    async def tell_of_log(self, request_id: int) -> None:
        """Say how the upload goes."""
        for status in LOG:
            await self.say(
                call.LogStatusNotification(status=status, request_id=request_id)
            )

    @on(Action.signed_update_firmware)
    def signed_update_firmware(self, **_: Any) -> Any:
        """Agree."""
        return call_result.SignedUpdateFirmware(status="Accepted")

    @after(Action.signed_update_firmware)
    def signed_updated(self, request_id: int, **_: Any) -> None:
        """Fetch it."""
        self.follow_up(self.tell_of_signed_firmware(request_id))

    async def tell_of_signed_firmware(self, request_id: int) -> None:
        """Say how the update goes."""
        for status in SIGNED_FIRMWARE:
            await self.say(
                call.SignedFirmwareStatusNotification(
                    status=status, request_id=request_id
                )
            )


def name_of(root: x509.Certificate) -> dict[str, Any]:
    """Return what OCPP names a root by: hashes of RFC 6960, made by a library."""
    request = ocsp.OCSPRequestBuilder().add_certificate(root, root, SHA256()).build()
    return {
        "hash_algorithm": "SHA256",
        "issuer_name_hash": request.issuer_name_hash.hex(),
        "issuer_key_hash": request.issuer_key_hash.hex(),
        "serial_number": f"{request.serial_number:x}",
    }
