/*
 * The real desktop on a display, a message bus and a home of its own, driven by WebDriver, as the
 * tests of the desktop do it.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

const BETWEEN_LOOKS_MS = 5;
const PATIENCE_MS = 60_000;

const FOLDERS = [
  ["HOME", "home"],
  ["XDG_CONFIG_HOME", "config"],
  ["XDG_CACHE_HOME", "cache"],
  ["XDG_DATA_HOME", "data"],
  ["XDG_STATE_HOME", "state"],
  ["XDG_RUNTIME_DIR", "runtime"],
  ["CAUSEWAY_HOME", "causeway"],
] as const;

/** Where a desktop can be started, again and again with the same folders. */
export class Surroundings {
  private readonly running: ChildProcess[] = [];
  private environment: Record<string, string> = {};

  private constructor(private readonly folder: string) {}

  static async make(): Promise<Surroundings> {
    const made = new Surroundings(await mkdtemp(join(tmpdir(), "causeway-bench-")));
    try {
      await made.furnish();
    } catch (failed) {
      await made.clear();
      throw failed;
    }
    return made;
  }

  /** In ms: from asking for the window to finding `text` in it. */
  async timeUntil(binary: string, text: string, extra: Record<string, string>): Promise<number> {
    const port = await freePort();
    const driver = this.start(
      "WebKitWebDriver",
      ["--host=127.0.0.1", `--port=${port}`],
      { ...this.environment, TAURI_WEBVIEW_AUTOMATION: "true", ...extra },
    );
    const address = `http://127.0.0.1:${port}`;
    try {
      await until(() => "the WebDriver answers", () => answers(`${address}/status`));
      const options = { "webkitgtk:browserOptions": { binary, args: [] } };
      const start = performance.now();
      const session = await ask("POST", `${address}/session`, {
        capabilities: { alwaysMatch: options },
      });
      const { sessionId } = session as { sessionId: string };
      const here = `${address}/session/${sessionId}`;
      const script = { script: "return document.body?.innerText ?? ''", args: [] };
      let shown = "";
      await until(
        () => `the window shows “${text}” and not “${shown}”`,
        async () => {
          shown = String(await ask("POST", `${here}/execute/sync`, script));
          return shown.includes(text);
        },
      );
      const took = performance.now() - start;
      await ask("DELETE", here);
      return took;
    } finally {
      await end(driver);
    }
  }

  async clear(): Promise<void> {
    for (const program of this.running.toReversed()) await end(program);
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }

  private async furnish(): Promise<void> {
    const folders: Record<string, string> = {};
    for (const [variable, name] of FOLDERS) {
      folders[variable] = join(this.folder, name);
      await mkdir(join(this.folder, name), { mode: 0o700 });
    }
    const common = { PATH: process.env.PATH ?? "", LANG: "C.UTF-8", ...folders };
    const screen = ["-screen", "0", "1280x900x24", "-nolisten", "tcp"];
    const display = this.start("Xvfb", ["-displayfd", "1", ...screen], common);
    const DISPLAY = `:${await firstLine(display)}`;
    const bus = this.start(
      "dbus-daemon",
      ["--session", "--nofork", "--nopidfile", "--print-address=1"],
      { ...common, DISPLAY },
    );
    this.environment = {
      ...common,
      DISPLAY,
      DBUS_SESSION_BUS_ADDRESS: await firstLine(bus),
      GDK_BACKEND: "x11",
      NO_AT_BRIDGE: "1",
      WEBKIT_DISABLE_DMABUF_RENDERER: "1",
    };
  }

  /** As the head of a process group, which ends when the bench does even if that is killed. */
  private start(name: string, args: string[], env: Record<string, string>): ChildProcess {
    const program = spawn("setpriv", ["--pdeathsig", "KILL", "--", name, ...args], {
      env,
      detached: true,
      stdio: ["ignore", "pipe", "ignore"],
    });
    this.running.push(program);
    return program;
  }
}

async function end(program: ChildProcess): Promise<void> {
  if (program.exitCode !== null || program.signalCode !== null || program.pid === undefined) return;
  const ended = once(program, "exit");
  process.kill(-program.pid, "SIGKILL");
  await ended;
}

async function firstLine(program: ChildProcess): Promise<string> {
  if (program.stdout === null) throw new Error("its output is piped");
  for await (const line of createInterface(program.stdout)) return line;
  throw new Error("it ended before it said where it is: is it installed (scripts/setup.sh test)?");
}

/** A port that was free a moment ago; the driver can only be told one. */
async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  if (address === null || typeof address === "string") throw new Error("there is no free port");
  return address.port;
}

async function answers(url: string): Promise<boolean> {
  return fetch(url).then(
    ({ ok }) => ok,
    () => false,
  );
}

/** One command of WebDriver, and the value it comes back with. */
async function ask(method: string, url: string, body?: unknown): Promise<unknown> {
  const response = await fetch(url, { method, body: body === undefined ? null : JSON.stringify(body) });
  const { value } = (await response.json()) as { value: unknown };
  if (!response.ok) throw new Error(`${method} ${url}: ${JSON.stringify(value)}`);
  return value;
}

async function until(what: () => string, look: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!(await look())) {
    if (performance.now() > deadline) throw new Error(`not in time: ${what()}`);
    await new Promise((done) => setTimeout(done, BETWEEN_LOOKS_MS));
  }
}
