"""What every `IIdTagStore` keeps of the tags that drivers show."""

from __future__ import annotations

from attrs import evolve

from flexicharge.model.id_tag import MAX_TAG, MAX_TAG_TYPE, IdTag, TagStatus

from .stores import T0, Stores, is_refused

PLAIN = IdTag(id_tag="AbC123")
FULL = IdTag(
    id_tag="AbC123",
    status=TagStatus.BLOCKED,
    expires_at=T0 + 0.123457,
    parent_id_tag="FAMILY",
    user_id="ida",
    several_at_once=True,
    type="eMAID",
)
NO_TEXTS = ("", "a\0b", "\ud800")  # none of these is a text in a column of keys


async def test_a_tag_is_found_as_it_was_given(stores: Stores) -> None:
    """With all that is told of it, under its text in any letter case."""
    assert await stores.tags.put_tag(PLAIN, T0) is True
    assert await stores.tags.put_tag(evolve(FULL, id_tag="Straße"), T0) is True
    for spelling in ("AbC123", "ABC123", "abc123"):
        assert await stores.tags.get_tag(spelling) == PLAIN
    for spelling in ("Straße", "STRASSE", "strasse"):
        assert await stores.tags.get_tag(spelling) == evolve(FULL, id_tag="Straße")


async def test_a_tag_takes_the_place_of_its_like(stores: Stores) -> None:
    """Nothing is left of the one that was there, not even how it was written."""
    await stores.tags.put_tag(FULL, T0)
    again = IdTag(id_tag="ABC123")
    assert await stores.tags.put_tag(again, T0 + 1) is False
    assert await stores.tags.get_tags(limit=9) == (again,)


async def test_every_word_but_one_can_be_kept(stores: Stores) -> None:
    """That a tag charges elsewhere is seen there, and never on its record."""
    for status in TagStatus:
        tag = evolve(PLAIN, id_tag=status, status=status)
        if status is TagStatus.CONCURRENT_TX:
            await is_refused(stores.tags.put_tag(tag, T0))
        else:
            await stores.tags.put_tag(tag, T0)
        kept = await stores.tags.get_tag(status)
        assert kept == (None if status is TagStatus.CONCURRENT_TX else tag)


async def test_a_tag_is_forgotten_once(stores: Stores) -> None:
    """In whatever letter case; after that it is as if it had never been."""
    await stores.tags.put_tag(PLAIN, T0)
    await stores.tags.put_tag(IdTag(id_tag="other"), T0)
    assert await stores.tags.remove_tag("aBc123") is True
    assert await stores.tags.remove_tag("aBc123") is False
    assert await stores.tags.get_tag("AbC123") is None
    assert await stores.tags.get_tags(limit=9) == (IdTag(id_tag="other"),)
    assert await stores.tags.put_tag(PLAIN, T0) is True


async def test_there_may_be_no_such_tag(stores: Stores) -> None:
    """Nothing is found under a text that nothing has, storable or not."""
    await stores.tags.put_tag(IdTag(id_tag="ab"), T0)
    for text in (*NO_TEXTS, "ab ", "ab\0", "x" * 1000):
        assert await stores.tags.get_tag(text) is None
        assert await stores.tags.remove_tag(text) is False
    assert await stores.tags.get_tags(limit=9) == (IdTag(id_tag="ab"),)


async def test_tags_are_listed_page_by_page(stores: Stores) -> None:
    """In the order of their folded text, character by character, in no locale's."""
    for text in ("b", "Ä", "A1", "a", "Z", "_", "ẞ", "a-1"):
        await stores.tags.put_tag(IdTag(id_tag=text), T0)

    async def page(limit: int, after: str = "") -> list[str]:
        found = await stores.tags.get_tags(after=after, limit=limit)
        return [tag.id_tag for tag in found]

    assert await page(99) == ["_", "a", "a-1", "A1", "b", "ẞ", "Z", "Ä"]
    assert await page(3) == ["_", "a", "a-1"]
    assert await page(3, "A-1") == ["A1", "b", "ẞ"]
    assert await page(3, "SS") == ["Z", "Ä"]
    assert await page(3, "ä") == await page(0) == []
    assert await page(1, "aa") == ["b"]


async def test_no_page_begins_after_what_is_no_text(stores: Stores) -> None:
    """Nor has any a length below nothing."""
    await stores.tags.put_tag(PLAIN, T0)
    for after in ("a\0", "\ud800"):
        await is_refused(stores.tags.get_tags(after=after, limit=9))
    await is_refused(stores.tags.get_tags(limit=-1))


async def test_a_tag_that_no_row_holds_is_refused(stores: Stores) -> None:
    """It is not kept by halves, and what was there stays as it is."""
    await stores.tags.put_tag(PLAIN, T0)
    for wrong in (
        *(evolve(PLAIN, id_tag=text) for text in (*NO_TEXTS, "x" * (MAX_TAG + 1))),
        *(evolve(PLAIN, parent_id_tag=t) for t in (*NO_TEXTS, "x" * (MAX_TAG + 1))),
        *(evolve(PLAIN, type=text) for text in (*NO_TEXTS, "x" * (MAX_TAG_TYPE + 1))),
        *(evolve(PLAIN, user_id=text) for text in (*NO_TEXTS, "x" * 256)),
        evolve(PLAIN, expires_at=float("nan")),
        evolve(PLAIN, expires_at=float("inf")),
    ):
        await is_refused(stores.tags.put_tag(wrong, T0))
    await is_refused(stores.tags.put_tag(evolve(PLAIN, user_id="ida"), float("nan")))
    assert await stores.tags.get_tags(limit=9) == (PLAIN,)


async def test_the_longest_of_all_tags_is_kept(stores: Stores) -> None:
    """Also where folding makes three characters of each."""
    longest = IdTag(
        id_tag="\u0390" * MAX_TAG,
        parent_id_tag="p" * MAX_TAG,
        type="t" * MAX_TAG_TYPE,
        user_id="u" * 255,
    )
    assert await stores.tags.put_tag(longest, T0) is True
    assert await stores.tags.get_tag(longest.id_tag) == longest


async def test_an_expiry_is_kept_to_the_microsecond(stores: Stores) -> None:
    """What is finer is rounded."""
    await stores.tags.put_tag(evolve(PLAIN, expires_at=T0 + 0.12345678), T0)
    kept = await stores.tags.get_tag(PLAIN.id_tag)
    assert kept == evolve(PLAIN, expires_at=T0 + 0.123457)
