FROM python:3.13-slim AS build
WORKDIR /src
RUN python -m venv /opt/easel
COPY pyproject.toml README.md LICENSE ./
COPY bot bot
COPY cogs cogs
RUN /opt/easel/bin/pip install --no-cache-dir '.[speed]'

FROM python:3.13-slim
# A fixed id, so that whoever mounts a folder of the host knows whom to give it to.
RUN useradd --uid 10001 --create-home easel && install -d -o easel -g easel /data
COPY --from=build /opt/easel /opt/easel
ENV PATH=/opt/easel/bin:$PATH PYTHONUNBUFFERED=1 DATA_DIR=/data
USER easel
WORKDIR /data
VOLUME /data
# The bot touches this file every 15 s for as long as its connection to Discord stands.
HEALTHCHECK --interval=30s --timeout=5s --start-period=2m --retries=3 \
    CMD ["python", "-c", "import os, pathlib, time; raise SystemExit(time.time() - pathlib.Path(os.environ['DATA_DIR'], 'alive').stat().st_mtime > 120)"]
ENTRYPOINT ["easel"]
CMD ["run"]
