# The one binary on a small Debian. Build: docker build -t qonys .

FROM rust:1.95.0-slim-bookworm AS build
WORKDIR /build
COPY . .
# The image is the pinned tool chain already: rustup has nothing to fetch.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/build/target \
    rm -f rust-toolchain.toml \
    && cargo build --release --locked --bin qonys \
    && install -D target/release/qonys /out/qonys

FROM debian:12.11-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --home-dir /var/lib/qonys --create-home qonys
COPY --from=build /out/qonys /usr/local/bin/qonys
USER qonys
# The data directory of the embedded store and of the vault lies here.
WORKDIR /var/lib/qonys
VOLUME /var/lib/qonys
ENTRYPOINT ["qonys"]
CMD ["--help"]
