FROM python:3.13-slim
WORKDIR /svar
COPY requirements.lock .
RUN pip install --no-cache-dir --no-deps --require-hashes -r requirements.lock
COPY . .
RUN pip install --no-cache-dir --no-deps --no-build-isolation -e . && useradd --system svar
USER svar
ENV SVAR_HOST=0.0.0.0
EXPOSE 8000
CMD ["sh", "-c", "svar migrate && exec svar serve"]
