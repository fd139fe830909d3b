# Three stages: what builds the page of the lesson rooms, what is needed to install, and what is needed to run. Runs as the image's own unprivileged user.
FROM node:24.11-bookworm-slim AS page
WORKDIR /app
COPY package.json package-lock.json ./
COPY client ./client
COPY src ./src
COPY web ./web
RUN npm ci --no-audit --no-fund

FROM node:24.11-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
COPY web/build.js ./web/
COPY src/cli/readAhead.js ./src/cli/
RUN npm ci --omit=dev --no-audit --no-fund

FROM node:24.11-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=dependencies /app/node_modules ./node_modules
COPY --from=page /app/web/dist ./web/dist
COPY package.json ./
COPY src ./src
COPY sandbox ./sandbox
# The school's data, and the code as node has compiled it.
RUN mkdir -p data node_modules/.cache/lectern && chown node:node data node_modules/.cache/lectern
USER node
# By the user who will look for it.
RUN ["node", "src/cli/readAhead.js"]
EXPOSE 3000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5s --timeout=3s --start-period=15s CMD ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.LECTERN_PORT || 3000) + '/readyz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--v8-pool-size=1", "--min-semi-space-size=32", "--max-semi-space-size=32", "--max-old-space-size=1536", "src/cli/lectern.js", "start"]
