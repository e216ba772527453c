import { defineConfig } from "vitest/config";

// `vite` alone serves the UI while it is being worked on; its API calls go to a running role.
const role = process.env.VEDETTE_DASHBOARDS ?? "http://127.0.0.1:3000";

export default defineConfig({
  base: "/",
  build: {
    target: "es2022",
    outDir: "../src/vedette/dashboards/static",
    emptyOutDir: true,
    assetsInlineLimit: 2048,
    // Every chunk is well under this; the warning would mean that a page stopped being split off.
    chunkSizeWarningLimit: 600,
  },
  server: { proxy: { "/api": { target: role, ws: true } } },
  test: { include: ["tests/**/*.test.ts"], environment: "node" },
});
