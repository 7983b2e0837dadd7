FROM python:3.11-slim

RUN useradd --system --uid 10001 --create-home flexicharge \
    && install --directory --owner=flexicharge --mode=0700 /var/lib/flexicharge

COPY pyproject.toml setup.py README.md /source/
COPY flexicharge /source/flexicharge
COPY twisted /source/twisted
# Asking for help once, as root, writes Twisted's list of plug-ins beside them.
RUN pip install --no-cache-dir "/source[cognito]" \
    && rm -r /source \
    && twistd --help > /dev/null

USER flexicharge
WORKDIR /var/lib/flexicharge
ENV DATA_DIR=/var/lib/flexicharge
VOLUME /var/lib/flexicharge
EXPOSE 8080 1337
CMD ["twistd", "--nodaemon", "--pidfile=", "flexicharge"]
