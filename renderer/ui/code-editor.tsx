// An editor for XML: highlighting, folding, search, and problems at their lines. Large, so to be loaded with `lazy` where it is shown.
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { xml } from '@codemirror/lang-xml';
import { bracketMatching, codeFolding, foldGutter, foldKeymap, HighlightStyle, indentOnInput, indentUnit, syntaxHighlighting } from '@codemirror/language';
import { type Diagnostic, lintGutter, lintKeymap, setDiagnostics } from '@codemirror/lint';
import { highlightSelectionMatches, search, searchKeymap } from '@codemirror/search';
import { Annotation, Compartment, EditorState, type Extension } from '@codemirror/state';
import { drawSelection, EditorView, highlightActiveLine, highlightActiveLineGutter, keymap, lineNumbers } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import Box from '@mui/material/Box';
import { type ReactNode, type Ref, useEffect, useEffectEvent, useImperativeHandle, useRef } from 'react';
import { type Colors, useColors } from './colors.ts';
import { pageNonce } from './nonce.ts';
import { monospace } from './theme.ts';

export interface CodeProblem {
  readonly level: 'error' | 'warning';
  /** From 1. */
  readonly line: number;
  readonly message: string;
}

export interface CodeEditorHandle {
  /** Shows a line, from 1, and puts the keys there. */
  readonly goTo: (line: number) => void;
}

interface Props {
  /** What it is to screen readers. */
  readonly label: string;
  /** The id of the text that says how to use it. */
  readonly describedBy?: string;
  readonly value: string;
  /** Left out, the text can only be read. */
  readonly onChange?: ((value: string) => void) | undefined;
  readonly problems?: readonly CodeProblem[];
  readonly height: string;
  readonly ref?: Ref<CodeEditorHandle>;
}

/** How long Escape lets Tab leave, in milliseconds, unless another key comes between. */
const leaving = 60_000;

/** What is put in from outside is nobody's typing. */
const fromOutside = Annotation.define<true>();

const look = ({ panel, ink, line, faint, mute, primary, bad, warn, good, accent }: Colors): Extension => [
  EditorView.theme({
    '&': { height: '100%', color: ink, backgroundColor: panel, fontSize: '12px' },
    '&.cm-focused, .cm-content:focus-visible': { outline: 'none' },
    '.cm-panel.cm-search': { fontSize: '12px', padding: '4px 8px' },
    '.cm-panel.cm-search input, .cm-panel.cm-search button, .cm-panel.cm-search label': { fontSize: '12px' },
    '.cm-scroller': { fontFamily: monospace, lineHeight: 1.5 },
    '.cm-gutters': { color: mute, backgroundColor: panel, borderRight: `1px solid ${line}` },
    '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: faint },
    '.cm-cursor': { borderLeftColor: ink },
    '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': { backgroundColor: accent.soft },
    '.cm-searchMatch': { backgroundColor: warn.soft, outline: `1px solid ${warn.mark}` },
    '.cm-searchMatch-selected': { backgroundColor: warn.soft, outline: `2px solid ${warn.mark}` },
    '.cm-selectionMatch': { backgroundColor: good.soft },
    '.cm-foldPlaceholder': { color: mute, backgroundColor: faint, border: `1px solid ${line}` },
    '.cm-panels': { color: ink, backgroundColor: panel, borderColor: line },
    '.cm-textfield': { color: ink, backgroundColor: panel, border: `1px solid ${line}`, borderRadius: '4px' },
    '.cm-button': { color: ink, backgroundImage: 'none', backgroundColor: faint, border: `1px solid ${line}`, borderRadius: '4px' },
    '.cm-panel.cm-search [name=close]': { color: ink },
    '.cm-tooltip': { color: ink, backgroundColor: panel, border: `1px solid ${line}` },
    '.cm-diagnostic-error': { borderLeftColor: bad.mark },
    '.cm-diagnostic-warning': { borderLeftColor: warn.mark },
  }),
  syntaxHighlighting(HighlightStyle.define([
    { tag: [tags.tagName, tags.angleBracket], color: primary },
    { tag: tags.attributeName, color: warn.text },
    { tag: tags.attributeValue, color: good.text },
    { tag: [tags.comment, tags.processingInstruction, tags.documentMeta], color: mute, fontStyle: 'italic' },
    { tag: tags.invalid, color: bad.text },
  ])),
];

const diagnosticsOf = (state: EditorState, problems: readonly CodeProblem[]): readonly Diagnostic[] =>
  problems.map(({ level, line, message }) => {
    const { from, to } = state.doc.line(Math.min(Math.max(line, 1), state.doc.lines));
    return { from, to, severity: level, message };
  });

export const CodeEditor = ({ label, describedBy, value, onChange, problems = [], height, ref }: Props): ReactNode => {
  const colors = useColors();
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const appearance = useRef(new Compartment());
  const changed = useEffectEvent((text: string): void => onChange?.(text));
  const canEdit = onChange !== undefined;

  const extensions = useEffectEvent((): Extension => [
    EditorView.cspNonce.of(pageNonce()),
    appearance.current.of(look(colors)),
    lineNumbers(), foldGutter(), codeFolding(), lintGutter(), history(), drawSelection(), indentUnit.of('  '), bracketMatching(), search({ top: true }), highlightSelectionMatches(), xml(),
    EditorState.readOnly.of(!canEdit),
    // No other line breaks are taken away from a text that is only looked at.
    EditorState.lineSeparator.of('\n'),
    EditorView.contentAttributes.of({ tabindex: '0', 'aria-label': label, 'aria-readonly': String(!canEdit), ...(describedBy !== undefined && { 'aria-describedby': describedBy }) }),
    ...(canEdit ? [highlightActiveLine(), highlightActiveLineGutter(), indentOnInput()] : []),
    keymap.of([
      // Escape lets Tab leave, however slowly keys are pressed; it closes and clears first what there is to close and clear.
      { key: 'Escape', run: (of) => { of.setTabFocusMode(leaving); return false; } },
      // The page's own key, which is no line break here.
      { key: 'Mod-Enter', run: () => true },
      ...searchKeymap, ...defaultKeymap, ...historyKeymap, ...foldKeymap, ...lintKeymap, ...(canEdit ? [indentWithTab] : []),
    ]),
    EditorView.updateListener.of((update) => {
      if (update.docChanged && update.transactions.every((transaction) => transaction.annotation(fromOutside) !== true)) changed(update.state.doc.toString());
    }),
  ]);
  const first = useEffectEvent((): string => value);

  useEffect(() => {
    if (place.current === null) return undefined;
    const made = new EditorView({ parent: place.current, state: EditorState.create({ doc: first(), extensions: extensions() }) });
    view.current = made;
    return () => {
      view.current = null;
      made.destroy();
    };
  }, [label, describedBy, canEdit]);

  useEffect(() => {
    view.current?.dispatch({ effects: appearance.current.reconfigure(look(colors)) });
  }, [colors]);

  // What was typed here is what is there; anything else came from outside.
  useEffect(() => {
    const current = view.current;
    if (current === null || current.state.doc.toString() === value) return;
    current.dispatch({ changes: { from: 0, to: current.state.doc.length, insert: value }, annotations: fromOutside.of(true) });
  }, [value]);

  useEffect(() => {
    const current = view.current;
    if (current !== null) current.dispatch(setDiagnostics(current.state, diagnosticsOf(current.state, problems)));
  }, [problems]);

  useImperativeHandle(ref, () => ({
    goTo: (line) => {
      const current = view.current;
      if (current === null) return;
      const { from } = current.state.doc.line(Math.min(Math.max(line, 1), current.state.doc.lines));
      current.dispatch({ selection: { anchor: from }, effects: EditorView.scrollIntoView(from, { y: 'center' }) });
      current.focus();
    },
  }), []);

  return <Box ref={place} sx={{ height, border: 1, borderColor: 'divider', borderRadius: 1, overflow: 'hidden', '&:focus-within': { outline: `2px solid ${colors.primary}`, outlineOffset: 1 } }} />;
};
