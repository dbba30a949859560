# The demo page: docker build -t qibu . && docker run --rm -p 7860:7860 qibu
FROM python:3.12-slim

ENV PYTHONUNBUFFERED=1 GRADIO_ANALYTICS_ENABLED=False
RUN useradd --create-home --uid 1000 qibu
WORKDIR /home/qibu/source
COPY pyproject.toml README.md LICENSE ./
COPY runtime runtime
COPY train train
COPY export export
COPY demo demo
RUN pip install --no-cache-dir '.[demo]'

USER qibu
WORKDIR /home/qibu
EXPOSE 7860
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:7860/', timeout=4)"]
CMD ["qibu", "demo", "--host", "0.0.0.0"]
