/** The first bytes of a refused event as text; bytes that are no UTF-8 are shown as replacement characters. */
export function letterText(base64: string): string {
  const binary = atob(base64);
  return new TextDecoder().decode(Uint8Array.from(binary, (c) => c.charCodeAt(0)));
}

/** JSON over several lines when it is JSON, else the text as it came. */
export function readableLetter(text: string): string {
  try { return JSON.stringify(JSON.parse(text), null, 2); } catch { return text; }
}

/** Where a field's value stands in the shown text, so that it can be marked; `undefined` when it is not there. */
export function markOf(shown: string, field: string | undefined): readonly [number, number] | undefined {
  if (field === undefined) return undefined;
  const at = shown.indexOf(`"${field}":`);
  if (at < 0) return undefined;
  const end = shown.indexOf('\n', at);
  return [at, end < 0 ? shown.length : end];
}
