# One image for every process of Weir: the default command is standalone; docker-compose.yml names the others.
# node:20-slim is glibc (embedded PostgreSQL needs it; with DATABASE_URL set it is not started).
FROM node:20-slim AS build
WORKDIR /app
ENV NEXT_TELEMETRY_DISABLED=1 NX_DAEMON=false CI=true
# The lock and every workspace's package.json are in the context, so one copy keeps `npm ci` honest.
COPY . .
RUN npm ci --ignore-scripts --no-audit --no-fund
RUN npm run build
RUN npm prune --omit=dev --ignore-scripts --no-audit --no-fund

FROM node:20-slim AS runtime
ENV NODE_ENV=production WEIR_HOST=0.0.0.0 WEIR_PORT=8080 WEIR_DATA=/data
WORKDIR /app
COPY --from=build --chown=root:root /app/package.json ./package.json
COPY --from=build --chown=root:root /app/node_modules ./node_modules
COPY --from=build --chown=root:root /app/libs ./libs
COPY --from=build --chown=root:root /app/apps ./apps
COPY --from=build --chown=root:root /app/rules ./rules
RUN mkdir /data && chown node:node /data
VOLUME /data
# uid 1000 of the base image: nothing of the product needs root, and the code is not writable by the process.
USER node
EXPOSE 8080
# SIGINT, not SIGTERM: an orderly end, as Ctrl-C.
STOPSIGNAL SIGINT
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=6 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.WEIR_PORT}/healthz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "apps/standalone/dist/main.js"]
