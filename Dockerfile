# 三种镜像：docker build --target base -t jixiao .   基本安装（网页、接口、命令行）
#           docker build --target far -t jixiao:far .   另加一台机器以外要的，见 docs/scale.md
#           docker build -t jixiao:full .           另加扫描识别、LibreOffice（rtf、odt、ods…）、别的向量模型
# 构建时联网，运行时不联网。docker run -v kg:/data -p 127.0.0.1:8000:8000 -e KG_TOKEN=… jixiao
FROM python:3.11-slim AS base
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PYTHONUNBUFFERED=1 KG_DATA=/data
WORKDIR /opt/jixiao
COPY requirements.lock ./
RUN pip install --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY kg kg
COPY index index
COPY ontology ontology
COPY queries queries
RUN pip install --no-deps . && useradd --system --uid 10001 --create-home kg && mkdir /data && chown kg /data
USER kg
WORKDIR /data
VOLUME /data
EXPOSE 8000
HEALTHCHECK --start-period=60s CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/readyz')"]
# 还没有数据时先建自带样例；换成自己的：docker run … jixiao kg build /files（把文件夹挂在 /files）
CMD ["sh", "-c", "[ -e /data/CURRENT ] || kg build; exec kg serve --host 0.0.0.0"]

# 一台机器以外（deploy/compose.yaml）：另加 Dask、psycopg 和 Oxigraph 的服务程序
FROM base AS far
USER root
WORKDIR /opt/jixiao
COPY constraints.txt ./
RUN pip install -c constraints.txt '.[dask,pgvector]' oxigraph==0.5.13 && mkdir /graph && chown kg /graph
USER kg
WORKDIR /data

FROM base AS full
USER root
WORKDIR /opt/jixiao
COPY constraints.txt ./
RUN apt-get update && apt-get install -y --no-install-recommends libreoffice-calc libreoffice-writer fonts-noto-cjk \
 && rm -rf /var/lib/apt/lists/* && pip install -c constraints.txt '.[ocr,models]'
USER kg
WORKDIR /data
