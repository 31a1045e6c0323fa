# Two stages: the first has pip and its caches, the second only what runs. Nothing runs as root.
FROM python:3.13-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PYTHONDONTWRITEBYTECODE=1
RUN python -m venv /venv
COPY requirements.txt .
RUN /venv/bin/pip install --require-hashes -r requirements.txt
COPY . /app
WORKDIR /app
# Static files are part of the image; these settings exist only for this line.
RUN ENV_FILE= DEMO=1 SITE_URL=http://localhost DATA_DIR=/tmp/data /venv/bin/python manage.py collectstatic --noinput -v 0 \
    && /venv/bin/python -m compileall -q /app/advocacy /app/members /app/cases

FROM python:3.13-slim
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    HOST=0.0.0.0 PORT=8000 DATA_DIR=/data STATIC_ROOT=/app/staticfiles ENV_FILE=
# Letters as PDF: pango draws, DejaVu is the hand they are written in.
RUN apt-get update -qq \
    && apt-get install -y -qq --no-install-recommends \
        libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fontconfig fonts-dejavu-core \
    && rm -rf /var/lib/apt/lists/*
RUN groupadd --gid 10001 kawal && useradd --uid 10001 --gid kawal --no-create-home --shell /usr/sbin/nologin kawal \
    && install -d -o kawal -g kawal -m 0700 /data
COPY --from=build /venv /venv
COPY --from=build /app /app
WORKDIR /app
USER kawal
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 CMD ["python", "bin/healthcheck.py"]
CMD ["gunicorn", "-c", "gunicorn.conf.py"]
