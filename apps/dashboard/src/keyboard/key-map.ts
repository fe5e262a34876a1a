/** Where a key belongs on the key sheet. */
export type KeyPlace = 'Everywhere' | 'Lists' | 'Alert and rows' | 'Rules and editor' | 'Charts';

export interface Binding {
  readonly action: string;
  /** Chords in the order of preference: `J`, `Shift+J`, `Ctrl+K`, `ArrowDown`, `?`, or a sequence `G A`. */
  readonly keys: readonly string[];
  readonly place: KeyPlace;
  readonly label: string;
}

const binding = (action: string, keys: string, place: KeyPlace, label: string): Binding => ({ action, keys: keys.split(' | '), place, label });

/** Every key of the desk. Two actions may share a key when no page offers both; the innermost layer that offers one wins. */
export const bindings: readonly Binding[] = [
  binding('palette', 'Ctrl+K', 'Everywhere', 'Search and commands'),
  binding('search', '/', 'Everywhere', 'Filter or search'),
  binding('keys', '?', 'Everywhere', 'Keys'),
  binding('escape', 'Escape', 'Everywhere', 'Close, clear, back'),
  binding('undo', 'Z | Ctrl+Z', 'Everywhere', 'Undo'),
  binding('take-next', 'N', 'Everywhere', 'Take next alert'),
  binding('show-new', '.', 'Everywhere', 'Show new'),
  binding('zone', 'T', 'Everywhere', 'Local time or UTC'),
  binding('region.next', 'F6', 'Everywhere', 'Next region'),
  binding('region.previous', 'Shift+F6', 'Everywhere', 'Previous region'),
  binding('go.overview', 'G O', 'Everywhere', 'Go to overview'),
  binding('go.alerts', 'G A', 'Everywhere', 'Go to alerts'),
  binding('go.cases', 'G C', 'Everywhere', 'Go to cases'),
  binding('go.rules', 'G R', 'Everywhere', 'Go to rules'),
  binding('go.pipeline', 'G P', 'Everywhere', 'Go to ops'),
  binding('go.subject', 'G I', 'Everywhere', 'Alerts of this subject'),
  binding('list.down', 'J | ArrowDown', 'Lists', 'Next row'),
  binding('list.up', 'K | ArrowUp', 'Lists', 'Previous row'),
  binding('list.first', 'Home', 'Lists', 'First row'),
  binding('list.last', 'End', 'Lists', 'Last row'),
  binding('list.page-down', 'PageDown', 'Lists', 'Page down'),
  binding('list.page-up', 'PageUp', 'Lists', 'Page up'),
  binding('list.open', 'Enter | E', 'Lists', 'Open'),
  binding('list.peek', 'Space', 'Lists', 'Peek on or off'),
  binding('list.select', 'X', 'Lists', 'Select row'),
  binding('list.extend-down', 'Shift+J | Shift+ArrowDown', 'Lists', 'Select and move down'),
  binding('list.extend-up', 'Shift+K | Shift+ArrowUp', 'Lists', 'Select and move up'),
  binding('list.select-all', 'Ctrl+A', 'Lists', 'Select all loaded rows'),
  binding('list.views', 'V', 'Lists', 'Next view'),
  binding('decide.confirmed_fraud', '1', 'Alert and rows', 'Confirmed fraud, then Enter'),
  binding('decide.false_positive', '2', 'Alert and rows', 'False positive, then Enter'),
  binding('decide.suspicious', '3', 'Alert and rows', 'Suspicious, then Enter'),
  binding('decide.duplicate', '4', 'Alert and rows', 'Duplicate, then Enter'),
  binding('decide.no_action', '5', 'Alert and rows', 'No action, then Enter'),
  binding('alert.claim', 'C', 'Alert and rows', 'Claim or release'),
  binding('alert.assign', 'A', 'Alert and rows', 'Assign to me or nobody'),
  binding('alert.note', 'M', 'Alert and rows', 'Note (Ctrl Enter saves)'),
  binding('alert.case', 'B', 'Alert and rows', 'Open its case'),
  binding('alert.why', 'W', 'Alert and rows', 'Conditions'),
  binding('alert.subject', 'I', 'Alert and rows', 'Subject'),
  binding('alert.copy', 'Y', 'Alert and rows', 'Copy link'),
  binding('alert.next', 'J | ]', 'Alert and rows', 'Next alert'),
  binding('alert.previous', 'K | [', 'Alert and rows', 'Previous alert'),
  binding('rule.new', 'C', 'Rules and editor', 'New rule'),
  binding('rule.edit', 'E', 'Rules and editor', 'Edit this rule'),
  binding('editor.run', 'Ctrl+Enter', 'Rules and editor', 'Run tests and preview'),
  binding('editor.save', 'Ctrl+S', 'Rules and editor', 'Save'),
  binding('editor.problems', 'F8', 'Rules and editor', 'Next problem'),
  binding('chart.table', 'D', 'Charts', 'Data table'),
];

/** What the matcher needs of a `keydown` event. */
export interface KeyPress {
  readonly key: string;
  readonly ctrl: boolean;
  readonly meta: boolean;
  readonly alt: boolean;
  readonly shift: boolean;
  readonly composing: boolean;
  /** `text`: something that takes typing; `button`: something that Enter and Space press; `select`-like controls count as text. */
  readonly target: 'text' | 'button' | 'other';
}

/** The chord of a press: letters in upper case, `Shift+` only where it tells keys apart; `undefined` for a bare modifier or Alt. */
export function chordOf(press: KeyPress): string | undefined {
  if (['Shift', 'Control', 'Alt', 'Meta', 'AltGraph', 'CapsLock', 'Dead', 'Process', 'Unidentified'].includes(press.key)) return undefined;
  const letter = /^\p{L}$/u.test(press.key);
  const named = press.key === ' ' ? 'Space' : letter ? press.key.toUpperCase() : press.key;
  // AltGr arrives as Ctrl+Alt and types a character: it counts as that character.
  const typed = press.alt && press.ctrl && named.length === 1 && !letter;
  if (press.alt && !typed) return undefined;
  const ctrl = (press.ctrl || press.meta) && !typed ? 'Ctrl+' : '';
  const shift = press.shift && (letter || named.length > 1) ? 'Shift+' : '';
  return `${ctrl}${shift}${named}`;
}

/** A single character without Ctrl: may be switched off (WCAG 2.1.4). Named keys (arrows, Enter, F6) stay. */
export function isSingleKey(chord: string): boolean {
  const bare = chord.replace('Shift+', '');
  return !bare.includes('+') && bare.length === 1;
}

export interface KeyState {
  /** First key of a sequence that is waiting for its second, e.g. `G`. */
  readonly pending?: string | undefined;
  readonly singleKeys: boolean;
  /** Whether the action has a handler now; layers are asked from the innermost outwards. */
  readonly layers: ReadonlyArray<ReadonlySet<string>>;
}

export type KeyResult = { readonly kind: 'action'; readonly action: string } | { readonly kind: 'pending'; readonly first: string } | { readonly kind: 'none' };

const none: KeyResult = { kind: 'none' };
/** Keys that work while typing. */
const whileTyping = new Set(['Ctrl+K', 'F6', 'Shift+F6', 'Ctrl+Enter', 'Ctrl+S', 'F8']);

/**
 * Which action a key press means. `none` while composing, while typing (a few Ctrl and function keys apart), for Enter and Space on
 * a button, and for single keys that are switched off. Layers come innermost first; inside a layer the order of {@link bindings} decides.
 */
export function resolveKey(press: KeyPress, state: KeyState): KeyResult {
  if (press.composing) return none;
  const chord = chordOf(press);
  if (chord === undefined) return none;
  if (press.target === 'text' && !whileTyping.has(chord)) return none;
  if (press.target === 'button' && (chord === 'Enter' || chord === 'Space')) return none;
  if (!state.singleKeys && isSingleKey(chord)) return none;
  const wanted = state.pending ? `${state.pending} ${chord}` : chord;
  for (const layer of state.layers) {
    const hit = bindings.find((b) => layer.has(b.action) && b.keys.includes(wanted));
    if (hit) return { kind: 'action', action: hit.action };
  }
  if (state.pending) return none;
  const starts = bindings.some((b) => state.layers.some((layer) => layer.has(b.action)) && b.keys.some((k) => k.startsWith(`${chord} `)));
  return starts ? { kind: 'pending', first: chord } : none;
}

/** `aria-keyshortcuts` text of an action: `Control+K`, `Shift+J`, `z`. Sequences have no form there and are left out. */
export function ariaShortcuts(action: string): string | undefined {
  const found = bindings.find((b) => b.action === action);
  const chords = found?.keys.filter((k) => !k.includes(' ')).map((k) => k.replace('Ctrl+', 'Control+'));
  return chords?.length ? chords.join(' ') : undefined;
}

/** The key as people read it: `Ctrl K`, `Shift J`, `G A`. */
export function keyText(action: string): string {
  const first = bindings.find((b) => b.action === action)?.keys[0] ?? '';
  return first.replaceAll('+', ' ').replace('ArrowDown', 'Down').replace('ArrowUp', 'Up').replace('Escape', 'Esc');
}
