// A terminal with what belongs to it: it fits its place, is searched, and draws in the colours of the page.
import { FitAddon } from '@xterm/addon-fit';
import { SearchAddon } from '@xterm/addon-search';
import { Terminal } from '@xterm/xterm';
import type { Colors } from '../../../ui/colors.ts';
import { monospace } from '../../../ui/theme.ts';
import { keepPolicy } from './policy-elements.ts';

/** What a terminal tells of the person at it. */
interface TerminalHearer {
  readonly typed: (bytes: Uint8Array) => void;
  readonly selected: (something: boolean) => void;
}

export class SerialTerminal {
  readonly #terminal: Terminal;
  readonly #fit = new FitAddon();
  readonly #search = new SearchAddon();

  constructor() {
    keepPolicy();
    this.#terminal = new Terminal({ scrollback: 10_000, fontFamily: monospace, fontSize: 13, minimumContrastRatio: 4.5 });
    this.#terminal.loadAddon(this.#fit);
    this.#terminal.loadAddon(this.#search);
  }

  /** Shows it in an element, until the returned function is called. */
  open(element: HTMLElement, label: string, hear: TerminalHearer): () => void {
    const terminal = this.#terminal;
    terminal.open(element);
    terminal.textarea?.setAttribute('aria-label', label);
    const sizes = new ResizeObserver(() => this.#fit.fit());
    sizes.observe(element);
    const encoder = new TextEncoder();
    const listening = [
      terminal.onData((text) => hear.typed(encoder.encode(text))),
      terminal.onBinary((text) => hear.typed(Uint8Array.from(text, (sign) => sign.charCodeAt(0)))),
      terminal.onSelectionChange(() => hear.selected(terminal.hasSelection())),
    ];
    return () => {
      sizes.disconnect();
      for (const one of listening) one.dispose();
    };
  }

  /** `drawn` is called when it has dealt with them: that is slower than they may come. */
  write(bytes: Uint8Array, drawn: () => void): void {
    this.#terminal.write(bytes, drawn);
  }

  wear({ panel, ink, primary, accent }: Colors): void {
    this.#terminal.options.theme = { background: panel, foreground: ink, cursor: primary, cursorAccent: panel, selectionBackground: accent.mark, selectionForeground: panel };
  }

  /** Selects where the text is next, above or below what is selected; `grow`: from where the selection begins, while the text is typed. */
  find(text: string, where: 'above' | 'below' | 'grow'): void {
    if (text === '') this.#terminal.clearSelection();
    else if (where === 'above') this.#search.findPrevious(text);
    else this.#search.findNext(text, { incremental: where === 'grow' });
  }

  focus(): void {
    this.#terminal.focus();
  }
  get selection(): string {
    return this.#terminal.getSelection();
  }
  get size(): { readonly rows: number; readonly columns: number } {
    return { rows: this.#terminal.rows, columns: this.#terminal.cols };
  }
  dispose(): void {
    this.#terminal.dispose();
  }
}
