import { clearMocks, mockIPC } from "@tauri-apps/api/mocks";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import type { HubError } from "./bindings";
import { call, openHub } from "./client";
import { HubFailure, isRefusal } from "./errors";

const locked: HubError = {
  code: "folder_locked",
  message: "Another relay holds the folder.",
  hint: null,
  action: "Stop it.",
  severity: "blocking",
  correlation_id: "c1",
};

// The mocks want a window to put the shell's functions on.
beforeEach(() => vi.stubGlobal("window", { crypto: globalThis.crypto }));
afterEach(() => {
  clearMocks();
  vi.unstubAllGlobals();
});

async function failureOf(work: Promise<unknown>): Promise<HubError> {
  const thrown: unknown = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(thrown).toBeInstanceOf(HubFailure);
  return (thrown as HubFailure).error;
}

test("a use case goes out as the hub reads it and its reply comes back alone", async () => {
  const sent: unknown[] = [];
  mockIPC((command, payload) => {
    sent.push([command, payload]);
    return { call: "list_connections", reply: [] };
  });
  expect(await call("list_connections", {})).toEqual([]);
  expect(sent).toEqual([["call", { world: "own", request: { call: "list_connections", args: {} } }]]);
});

test("the hub's error arrives as it is", async () => {
  mockIPC(() => Promise.reject(locked));
  expect(await failureOf(call("get_status", {}))).toEqual(locked);
  expect(await failureOf(openHub())).toEqual(locked);
});

test.each([
  ["the shell's own refusal", "command call not found", "command call not found"],
  ["a code that this window does not know", { code: "new_code", message: "?" }, null],
  ["an exception", new TypeError("no shell"), "no shell"],
  ["nothing at all", undefined, null],
])("%s is an internal error that says what to do", async (_, thrown, hint) => {
  mockIPC(() => Promise.reject(thrown));
  const error = await failureOf(call("get_status", {}));
  expect(error).toMatchObject({ code: "internal", hint, severity: "blocking" });
  expect(error.action).not.toBeNull();
});

test("the reply to another call is not taken for this one's", async () => {
  mockIPC(() => ({ call: "get_status", reply: {} }));
  expect(await failureOf(call("list_connections", {}))).toMatchObject({ code: "internal" });
});

test("only what someone has to allow counts as a refusal", () => {
  expect(isRefusal("forbidden")).toBe(true);
  expect(isRefusal("database_failed")).toBe(false);
});
