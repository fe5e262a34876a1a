/**
 * What has to be ended, in the reverse order of its start. A step that fails is told and the rest is ended all the same.
 */
export class Shutdown {
  readonly #steps: { readonly name: string; readonly end: () => Promise<void> | void }[] = [];
  readonly #onFailure: (name: string, cause: unknown) => void;
  #running: Promise<void> | undefined;

  constructor(onFailure: (name: string, cause: unknown) => void) { this.#onFailure = onFailure; }

  add(name: string, end: () => Promise<void> | void): void { this.#steps.push({ name, end }); }

  /** Twice: once. */
  run(): Promise<void> {
    this.#running ??= this.#run();
    return this.#running;
  }

  async #run(): Promise<void> {
    for (let step = this.#steps.pop(); step; step = this.#steps.pop()) {
      try {
        await step.end();
      } catch (cause) {
        this.#onFailure(step.name, cause);
      }
    }
  }
}
