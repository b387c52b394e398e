import { defineConfig } from "vite";
import { VitePWA } from "vite-plugin-pwa";

/** Bytes of a file at most that is kept for offline use: models are the largest. */
const LARGEST = 8_000_000;

export default defineConfig({
  base: "./", // any server, any folder
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  worker: { format: "es" },
  build: { target: "es2022", chunkSizeWarningLimit: 200 },
  plugins: [
    VitePWA({
      registerType: "autoUpdate",
      manifest: {
        name: "wasm-rnn playground",
        short_name: "wasm-rnn",
        description: "See recurrent networks think, and train them, in this page.",
        display: "standalone",
        start_url: "./",
        scope: "./",
        background_color: "#10141c",
        theme_color: "#10141c",
        icons: [
          { src: "icon.svg", sizes: "any", type: "image/svg+xml", purpose: "any" },
          ...[192, 512].map((size) => ({ src: `icon-${size}.png`, sizes: `${size}x${size}`, type: "image/png", purpose: "any" })),
          { src: "icon-maskable.png", sizes: "512x512", type: "image/png", purpose: "maskable" }, // to the edge: systems cut it to their shape
        ],
      },
      workbox: {
        globPatterns: ["**/*.{html,js,css,wasm,svg,png,json,txt,csv,safetensors,onnx}"],
        maximumFileSizeToCacheInBytes: LARGEST,
        // Without a network the page comes at its own address, whatever is asked of it; deeper ones would be a page that finds none of its files.
        navigateFallback: null,
        ignoreURLParametersMatching: [/./],
      },
    }),
  ],
});
