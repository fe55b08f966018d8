# The image of every service of docker-compose.yml: what `make setup` does, on Debian 12, for a user without rights.
FROM python:3.13-slim-bookworm

ENV PYTHONUNBUFFERED=1 PATH=/app/.venv/bin:$PATH
WORKDIR /app

COPY bin/setup.py bin/
COPY requirements/run.txt requirements/
RUN python3 bin/setup.py run && rm -rf /var/lib/apt/lists/*

COPY . .
RUN python3 -m compileall -q attendance_mis registers letters casework penalties reports \
 && ATTENDANCE_MIS_ENV=production SECRET_KEY=only-to-collect-static-files ALLOWED_HOSTS=- DATABASE_URL=postgres://- \
    REDIS_URL=redis://- python3 manage.py collectstatic --noinput \
 && useradd --system --uid 10001 attendance && install -d -o attendance /var/lib/attendance-mis

ENV ATTENDANCE_MIS_ENV=production VAR_DIR=/var/lib/attendance-mis HOST=0.0.0.0
USER attendance
EXPOSE 8000
CMD ["gunicorn", "attendance_mis.wsgi"]
