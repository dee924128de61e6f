import { strings } from "../strings";
import type { ErrorCode, HubError } from "./bindings";

/** A failed call. What to show is in `error`. */
export class HubFailure extends Error {
  readonly error: HubError;

  constructor(error: HubError) {
    super(error.message);
    this.name = "HubFailure";
    this.error = error;
  }
}

/**
 * What was thrown, as an error of the hub. The shell gives plain strings where a command is
 * unknown or an argument cannot be read, and a browser without the shell throws a `TypeError`:
 * both mean that this window and the program behind it do not fit together.
 */
export function asHubError(thrown: unknown): HubError {
  if (thrown instanceof HubFailure) {
    return thrown.error;
  }
  if (isHubError(thrown)) {
    return thrown;
  }
  return {
    code: "internal",
    message: strings.failure.noAnswer,
    hint: thrown instanceof Error ? thrown.message : typeof thrown === "string" ? thrown : null,
    action: strings.failure.restart,
    severity: "blocking",
    correlation_id: "",
  };
}

/** Whether someone has to allow something before trying again can help. */
export function isRefusal(code: ErrorCode): boolean {
  return code === "forbidden" || code === "not_authorised";
}

function isHubError(thrown: unknown): thrown is HubError {
  if (typeof thrown !== "object" || thrown === null) {
    return false;
  }
  const { code, message } = thrown as Partial<HubError>;
  return typeof code === "string" && code in strings.errors && typeof message === "string";
}
