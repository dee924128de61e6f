// People of the sandbox write to each other, each in their own app, and see what comes of it.

import { until } from "./hub.mjs";

let words = 0;

/** A word that was not said before. */
export const word = () => `word${(words += 1)}x`;

/** How many words were said. */
export const said = () => words;

export class Talk {
  constructor(control) {
    this.control = control;
  }

  async name(email) {
    return (await this.control.call("/people")).find((person) => person.email === email).name;
  }

  /** Where `author` reaches `other`: their account by search, or the place that the app makes. */
  async place(author, on, other) {
    const found = await this.control.call(
      `/search?as=${encodeURIComponent(author)}&on=${on}&q=${encodeURIComponent(await this.name(other))}`,
    );
    if (found.people.some((person) => person.email === other)) return { dm: other };
    if (on === "slack") await this.control.act(author, on, "command", undefined, `/causeway ${other}`);
    else await this.control.act(author, on, "app_message", undefined, other);
    const offer = `Write to ${await this.name(other)} here`;
    const { place: made } = await this.control.sees(author, on, offer);
    return { conversation: made.id };
  }

  /** Writes, waits until it is seen, edits and deletes, each seen in turn. */
  async says(author, on, other, there, rich = "") {
    const to = await this.place(author, on, other);
    const [first, second] = [word(), word()];
    const id = await this.control.act(author, on, "send", to, first);
    await this.control.sees(other, there, first);
    if (rich) {
      const tagged = word();
      await this.control.act(author, on, "send", to, rich.replace("bold", `bold ${tagged}`));
      await this.control.sees(other, there, tagged);
    }
    await this.control.act(author, on, "edit", { message: id }, second);
    await this.control.sees(other, there, second);
    await this.control.act(author, on, "delete", { message: id });
    await this.isGone(other, there, second);
  }

  async isGone(who, on, text) {
    await until(`${text} is gone`, async () => {
      const places = await this.control.view(who, on);
      const left = places.flatMap((held) => held.messages).find((one) => one.text.includes(text));
      return !left || left.deleted;
    });
  }
}
