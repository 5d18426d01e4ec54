// Copies third-party files that are served as they are, so that a rebuild and an upgrade are the same command.
import { copyFileSync } from "node:fs";

const target = "../core/web/static";

const files = {
  "node_modules/htmx.org/dist/htmx.min.js": "htmx.min.js",
};

for (const [source, name] of Object.entries(files)) {
  copyFileSync(source, `${target}/${name}`);
}
