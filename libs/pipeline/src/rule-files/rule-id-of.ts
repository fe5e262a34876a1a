/** The id that a rule's text states, read without compiling it; undefined when it states none. Good for naming the text's file. */
export function ruleIdOf(text: string): string | undefined { return /^rule\s*:\s*["']?([a-z0-9-]+)/m.exec(text)?.[1]; }
