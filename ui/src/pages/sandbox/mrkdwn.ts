/** A stretch of a text that is shown alike. */
export type Span = {
  text: string;
  bold?: boolean;
  italic?: boolean;
  strike?: boolean;
  code?: boolean;
  /** Where it leads. */
  href?: string;
};

type Style = Omit<Span, "text">;

const STYLES: Record<string, Style> = {
  "*": { bold: true },
  _: { italic: true },
  "~": { strike: true },
};

/**
 * What Slack's mrkdwn shows. Links and mentions stand in angle brackets, and what would be read as
 * one is escaped; marks count only around words.
 *
 * Source: <https://docs.slack.dev/messaging/formatting-message-text>
 */
export function spansOf(text: string): Span[] {
  return joined(read(text, {}));
}

/** What is between back ticks is taken as it stands, and of the rest the first mark decides. */
const CODE = /```\n?([\s\S]+?)\n?```|`([^`\n]+)`/;
const LINK = /<([^<>|\n]+)(?:\|([^<>\n]*))?>/;
const STYLED = /(?<![\p{L}\p{N}])([*_~])(?!\s)([^\n]*?[^\s])\1(?![\p{L}\p{N}])/u;

function read(text: string, style: Style): Span[] {
  if (text === "") return [];
  const [first] = [CODE, LINK, STYLED]
    .map((mark) => mark.exec(text))
    .filter((found) => found !== null)
    .sort((one, other) => one.index - other.index);
  if (first === undefined) return [{ text: unescaped(text), ...style }];
  const before = text.slice(0, first.index);
  const after = text.slice(first.index + first[0].length);
  return [
    ...(before === "" ? [] : [{ text: unescaped(before), ...style }]),
    ...shown(first, style),
    ...read(after, style),
  ];
}

function shown([whole, one = "", other]: RegExpExecArray, style: Style): Span[] {
  if (whole.startsWith("`")) return [{ text: unescaped(one || (other ?? "")), ...style, code: true }];
  if (whole.startsWith("<")) return [{ ...reference(one, other), ...style }];
  return read(other ?? "", { ...style, ...STYLES[one] });
}

/** A link by its label; whom or what is mentioned by the name that is given, else by its id. */
function reference(target: string, label: string | undefined): Span {
  const name = unescaped(label ?? "");
  if (/^https?:|^mailto:/.test(target)) {
    const href = unescaped(target);
    return { text: name || href.replace(/^mailto:/, ""), href };
  }
  const sign = target.startsWith("#") ? "#" : "@";
  return { text: sign + (name || target.replace(/^[@#!]/, "")).replace(/^[@#]/, "") };
}

function unescaped(text: string): string {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

/** Neighbours that are shown alike are one. */
function joined(spans: Span[]): Span[] {
  return spans.reduce<Span[]>((all, span) => {
    const last = all.at(-1);
    if (last === undefined || !isAlike(last, span)) return [...all, span];
    return [...all.slice(0, -1), { ...last, text: last.text + span.text }];
  }, []);
}

function isAlike(one: Span, other: Span): boolean {
  const look = ({ bold, italic, strike, code, href }: Span) =>
    JSON.stringify([bold, italic, strike, code, href]);
  return look(one) === look(other);
}
