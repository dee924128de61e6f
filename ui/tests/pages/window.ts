import { readFile } from "node:fs/promises";
import { createServer, type RequestListener, type Server } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { build } from "vite";

import type { Scene } from "./stand-in";

const UI = fileURLToPath(new URL("../../", import.meta.url));
const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";

const TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".woff2": "font/woff2",
};

/** A browser and the built bundle, served under the policy that the shell sets. */
export class Stage {
  private constructor(
    private readonly browser: Browser,
    private readonly server: Server,
    private readonly standIn: string,
    private readonly origin: string,
  ) {}

  static async set(): Promise<Stage> {
    const [server, standIn, browser] = await Promise.all([
      serveBundle(),
      bundleStandIn("tests/pages/stand-in.ts"),
      launch(),
    ]);
    return new Stage(browser, server, standIn, originOf(server));
  }

  /** A new window in a scene, at a hash such as `#/people`. */
  async open(scene: Scene, hash: string, size = SIZES.small): Promise<AppWindow> {
    const context = await this.browser.newContext({ viewport: size, reducedMotion: "reduce" });
    await context.addInitScript(`window.scene = ${JSON.stringify(scene)};\n${this.standIn}`);
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") {
        complaints.push(message.text());
      }
    });
    page.on("pageerror", (error) => complaints.push(String(error)));
    await page.goto(`${this.origin}/${hash}`);
    await page.evaluate(() => document.fonts.ready);
    return { page, context, complaints };
  }

  async strike(): Promise<void> {
    await this.browser.close();
    await new Promise((done) => this.server.close(done));
  }
}

export type AppWindow = { page: Page; context: BrowserContext; complaints: string[] };

/** The smallest window that is promised, and a large one. */
export const SIZES = {
  small: { width: 1024, height: 700 },
  large: { width: 1600, height: 1000 },
};

export function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM,
    headless: true,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/** The script that stands in for the shell, from its module. */
export async function bundleStandIn(module: string): Promise<string> {
  const built = await build({
    configFile: false,
    logLevel: "error",
    build: {
      write: false,
      lib: {
        entry: join(UI, module),
        formats: ["iife"],
        name: "standIn",
      },
    },
  });
  const output = Array.isArray(built) ? built[0] : built;
  if (output === undefined || !("output" in output)) {
    throw new Error("the stand-in was not bundled");
  }
  return output.output[0].code;
}

/** Serves the built bundle, and what is posted by `posted`. */
export async function serveBundle(posted?: RequestListener): Promise<Server> {
  const policy = await contentPolicy();
  const server = createServer((request, response) => {
    if (request.method === "POST" && posted !== undefined) {
      posted(request, response);
      return;
    }
    const path = new URL(request.url ?? "/", "http://bundle").pathname;
    const file = normalize(join(UI, "dist", path === "/" ? "index.html" : path));
    readFile(file).then(
      (body) => {
        response.setHeader("content-type", TYPES[extname(file)] ?? "application/octet-stream");
        response.setHeader("content-security-policy", policy);
        response.end(body);
      },
      () => {
        response.statusCode = path === "/favicon.ico" ? 204 : 404;
        response.end();
      },
    );
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return server;
}

export function originOf(server: Server): string {
  const address = server.address();
  if (address === null || typeof address === "string") {
    throw new Error("the bundle's server has no port");
  }
  return `http://127.0.0.1:${address.port}`;
}

async function contentPolicy(): Promise<string> {
  const text = await readFile(join(UI, "../tauri.conf.json"), "utf8");
  const config = JSON.parse(text) as { app: { security: { csp: string } } };
  return config.app.security.csp;
}
