import { svelte } from "@sveltejs/vite-plugin-svelte";
import tailwindcss from "@tailwindcss/vite";
import { defineConfig } from "vite";

export default defineConfig({
  plugins: [tailwindcss(), svelte()],
  // The port that tauri.conf.json names as devUrl.
  server: { port: 5183, strictPort: true },
  build: {
    // The CSP takes fonts from 'self' alone, so nothing may become a data: URL.
    assetsInlineLimit: 0,
  },
});
