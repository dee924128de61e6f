import { expect, test } from "vitest";

import { spansOf } from "./mrkdwn";

test("marks around words are how these are shown, one within another", () => {
  expect(spansOf("*now* or _later_, ~not~ `a*b*c`")).toEqual([
    { text: "now", bold: true },
    { text: " or " },
    { text: "later", italic: true },
    { text: ", " },
    { text: "not", strike: true },
    { text: " " },
    { text: "a*b*c", code: true },
  ]);
  expect(spansOf("*very _very_ much*")).toEqual([
    { text: "very ", bold: true },
    { text: "very", bold: true, italic: true },
    { text: " much", bold: true },
  ]);
});

test("a mark that surrounds no words is a letter like any other", () => {
  for (const plain of ["2 * 3 * 4", "snake_case_name", "a ~ b", "*", "* one\n* two", "**"]) {
    expect(spansOf(plain), plain).toEqual([{ text: plain }]);
  }
});

test("links are shown by their label, and nothing else is one", () => {
  expect(spansOf("See <https://acme.example/?a=1&amp;b=2|the offer>.")).toEqual([
    { text: "See " },
    { text: "the offer", href: "https://acme.example/?a=1&b=2" },
    { text: "." },
  ]);
  expect(spansOf("<https://acme.example>")).toEqual([
    { text: "https://acme.example", href: "https://acme.example" },
  ]);
  expect(spansOf("<javascript:alert(1)|me>")).toEqual([{ text: "@me" }]);
  expect(spansOf("&lt;b&gt;bold&lt;/b&gt; &amp;amp;")).toEqual([{ text: "<b>bold</b> &amp;" }]);
});

test("mentions are shown by the name that stands with them", () => {
  expect(spansOf("<@U123|Bob Stone> in <#C9|general>, <!here>")).toEqual([
    { text: "@Bob Stone in #general, @here" },
  ]);
  expect(spansOf("<@U123>")).toEqual([{ text: "@U123" }]);
});

test("a block of code keeps its lines, and nothing in it is a mark", () => {
  expect(spansOf("```\nlet *a* = 1;\n  b\n```\nthen")).toEqual([
    { text: "let *a* = 1;\n  b", code: true },
    { text: "\nthen" },
  ]);
});
