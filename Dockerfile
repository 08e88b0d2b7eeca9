# The gateway, the launcher of containers and the reference agent: one image, other commands.
#
# The base image is named by its digest, which no default can know:
#   docker build --build-arg NODE_IMAGE=node:24-bookworm-slim@sha256:… -t ringward:local .
ARG NODE_IMAGE

FROM ${NODE_IMAGE} AS build
ARG NODE_IMAGE
# A tag moves; what was reviewed is a digest.
RUN case "${NODE_IMAGE}" in *@sha256:*) ;; *) echo "NODE_IMAGE has no @sha256: digest" >&2; exit 1 ;; esac
WORKDIR /ringward
COPY package.json package-lock.json ./
# Nothing is compiled: what needs machine code ships it.
RUN npm ci
COPY . .
RUN npm run build
# The base image has its Node; the one that npm brings for other machines stays behind.
RUN npm prune --omit=dev && rm -rf node_modules/node-linux-* node_modules/.bin/node

FROM ${NODE_IMAGE} AS ringward
# What the isolate tier builds its jail with. The package manager goes: nothing is installed later.
RUN apt-get update \
  && apt-get install -y --no-install-recommends bubblewrap util-linux \
  && rm -rf /var/lib/apt/lists /usr/local/lib/node_modules /opt/yarn-*
# Whoever runs as neither of these users can write nothing here; they can write no code either.
WORKDIR /opt/node_modules/ringward
COPY --from=build /ringward/node_modules ./node_modules
COPY --from=build /ringward/package.json /ringward/LICENSE ./
COPY --from=build /ringward/bin ./bin
COPY --from=build /ringward/dist ./dist
COPY --from=build /ringward/manifests/tools ./manifests/tools
COPY --from=build /ringward/guardrails/injection/signatures ./guardrails/injection/signatures
COPY --from=build /ringward/guardrails/injection/classifier/weights.bin ./guardrails/injection/classifier/weights.bin
COPY --from=build /ringward/policies ./policies
COPY --from=build /ringward/deploy/healthy.js ./deploy/healthy.js
# The folders of volumes, so that new ones belong to the user of gateway and launcher.
RUN install -d -m 0700 -o 10001 -g 10001 /var/lib/ringward /run/ringward
ENV NODE_ENV=production
USER 10001:10001
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s \
  CMD ["node", "/opt/node_modules/ringward/deploy/healthy.js"]
ENTRYPOINT ["node", "/opt/node_modules/ringward/bin/ringward.js"]
CMD ["start"]
