import { strings } from "../../lib/strings";

const words = strings.settings.address;

/** What is wrong with an address; null where nothing is. Both may be left out together. */
export function checkAddress(
  listen: string,
  url: string,
): { listen: string | null; url: string | null } {
  const [there, outside] = [listen.trim(), url.trim()];
  const whole = /^https:\/\/[^\s/]+|^http:\/\/(localhost|127\.|\[::1\])/.test(outside);
  return {
    listen: listenProblem(there, outside),
    url: outside === "" || whole ? null : words.badUrl,
  };
}

function listenProblem(listen: string, url: string): string | null {
  if (listen === "") return url === "" ? null : words.needsListen;
  const port = /^(?:\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-f:]+\]):(\d{1,5})$/i.exec(listen)?.[1];
  return port !== undefined && Number(port) <= 65_535 ? null : words.badListen;
}
