// Making elements; text only ever goes in as text.

export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Record<string, string> = {},
  text?: string,
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

/** A button called by the word on it; a sign alone is named by its title. */
export function button(label: string, title: string, press: () => void): HTMLButtonElement {
  const made = element("button", { type: "button", title });
  const [, sign, word] = /^([^\p{L}]*)(.*?)$/u.exec(label) ?? ["", "", label];
  const last = /[^\p{L}]+$/u.exec(word)?.[0] ?? "";
  if (sign !== "") made.append(element("span", { "aria-hidden": "true" }, sign));
  made.append(word.slice(0, word.length - last.length));
  if (last !== "") made.append(element("span", { "aria-hidden": "true" }, last));
  if (word === "") made.setAttribute("aria-label", title);
  made.addEventListener("click", press);
  return made;
}

/** A colour of the page's theme. */
export function themed(host: Element, variable: string, otherwise: string): string {
  return getComputedStyle(host).getPropertyValue(variable).trim() || otherwise;
}
