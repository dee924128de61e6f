// The program under test and its sandbox, for what meets them here: started, asked, ended.

import { execFile, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";

const PROGRAM = process.env.CAUSEWAY_PROGRAM ?? "target/debug/causeway";
const PATIENCE_MS = 30_000;
const LOOK_EVERY_MS = 50;

const started = [];

export function check(condition, what) {
  if (!condition) throw new Error(what);
}

/** Asks until there is an answer, or too long. */
export async function until(what, ask, patienceMs = PATIENCE_MS) {
  const end = Date.now() + patienceMs;
  for (;;) {
    const found = await ask();
    if (found) return found;
    if (Date.now() > end) throw new Error(`in vain waited for: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

/** An address on loopback that nobody listens at. */
export async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Starts the program; what it printed first, and the process. */
async function start(args, env = {}) {
  const child = spawn(PROGRAM, ["--json", ...args], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  started.push(child);
  const ended = new Promise((_, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`causeway ${args[0]} ended with ${code}`)));
  });
  ended.catch(() => {});
  const line = new Promise((resolve) => {
    createInterface({ input: child.stdout }).once("line", resolve);
  });
  return { child, ready: JSON.parse(await Promise.race([line, ended])) };
}

async function end(child, signal) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill(signal);
  await gone;
}

/** The stand-ins of both platforms; what `causeway sandbox` says of itself, and its control API. */
export async function sandbox(...args) {
  const { child, ready } = await start(["sandbox", ...args]);
  return { ...ready, control: new Control(ready.control), stop: () => end(child, "SIGTERM") };
}

/** A data folder and what the command line does in it. */
export class Hub {
  constructor() {
    this.home = mkdtempSync(join(tmpdir(), "causeway-stranger-"));
    this.env = { CAUSEWAY_HOME: this.home, CAUSEWAY_KEY_FILE: join(this.home, "key") };
  }

  /** Runs a command to its end. */
  async run(...args) {
    const options = { env: { ...process.env, ...this.env }, maxBuffer: 1 << 26 };
    const ran = promisify(execFile)(PROGRAM, ["--json", ...args], options);
    const { code = 0, stdout, stderr } = await ran.catch((failure) => failure);
    return { code, stdout, stderr };
  }

  /** Runs a command that must succeed; the JSON that it prints. */
  async asked(...args) {
    const { code, stdout, stderr } = await this.run(...args);
    check(code === 0, `causeway ${args.slice(0, 2).join(" ")}: ${code} ${stdout}${stderr}`);
    return JSON.parse(stdout);
  }

  /** Starts the relay. */
  async relay(...args) {
    const { child } = await start(["run", ...args], this.env);
    this.child = child;
  }

  /** Waits until the relay hears so many platforms. */
  async hears(count) {
    await until(`${count} platforms heard`, async () => {
      const { connections } = await this.asked("status");
      const heard = connections.filter((one) => one.health.state === "connected");
      return heard.length >= count;
    });
  }

  async stop(signal = "SIGTERM") {
    if (this.child) await end(this.child, signal);
    this.child = undefined;
  }

  async forget() {
    await this.stop("SIGKILL");
    rmSync(this.home, { recursive: true, force: true });
  }
}

/** The sandbox's control API: people act in their own apps. */
class Control {
  constructor(url) {
    this.url = url;
  }

  async call(path, body) {
    const init = body && { method: "POST", body: JSON.stringify(body) };
    const answer = await fetch(this.url + path, init);
    const value = await answer.json();
    check(answer.ok, `${path}: ${value.error}`);
    return value;
  }

  async act(as, on, deed, to, text = "") {
    return (await this.call("/act", { as, on, do: deed, to, text })).message;
  }

  async view(as, on) {
    return (await this.call(`/view?as=${encodeURIComponent(as)}&on=${on}`)).conversations;
  }

  /** Waits until somebody sees a text; the conversation and the message. */
  async sees(as, on, text, fits = () => true) {
    return until(`${as} sees ${text} on ${on}`, async () => {
      for (const place of await this.view(as, on)) {
        const message = place.messages.find((one) => one.text.includes(text) && fits(one));
        if (message) return { place, message };
      }
    });
  }
}

/** Runs what there is to run, says how it went, and leaves nothing running. */
export async function main(name, play) {
  try {
    console.log(`${name}: ${await play()}`);
  } catch (failure) {
    console.error(`${name}: ${failure.stack}`);
    process.exitCode = 1;
  } finally {
    await Promise.all(started.map((child) => end(child, "SIGKILL")));
    process.exit();
  }
}
