#!/bin/sh
# 容器入口：web、worker、beat、migrate，或者任一管理命令。
set -eu

if [ "${RELIEF_MODE:-}" != production ]; then
    echo '容器只用于生产，请设置 RELIEF_MODE=production。' >&2
    exit 1
fi

case "${1:-web}" in
    web)
        exec gunicorn yuquan_relief.wsgi:application \
            --bind 0.0.0.0:8000 --worker-class gthread \
            --workers "${WEB_WORKERS:-2}" --threads "${WEB_THREADS:-4}" \
            --max-requests 5000 --max-requests-jitter 500 --graceful-timeout 20 \
            --worker-tmp-dir /dev/shm --no-control-socket --access-logfile - --error-logfile -
        ;;
    worker)
        exec celery -A yuquan_relief worker --pool prefork \
            --concurrency "${WORKER_PROCESSES:-2}" --max-tasks-per-child 500 --loglevel INFO
        ;;
    beat)
        exec celery -A yuquan_relief beat --loglevel INFO --pidfile '' \
            --scheduler django_celery_beat.schedulers:DatabaseScheduler
        ;;
    migrate)
        python manage.py migrate --noinput
        exec python manage.py load_reference
        ;;
    *)
        exec python manage.py "$@"
        ;;
esac
