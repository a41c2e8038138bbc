// The saved definition as a text to edit: what speaks against it at its lines, and what to do when somebody else changed it meanwhile.
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import FormControlLabel from '@mui/material/FormControlLabel';
import Link from '@mui/material/Link';
import Switch from '@mui/material/Switch';
import { type ReactNode, useId, useMemo, useRef, useState } from 'react';
import { checkDefinition, type DefinitionWish, type TextFinding } from '../../../app/tuning/definition.ts';
import { errorPlace } from '../../../app/xml/error-place.ts';
import { useRefusedText } from '../../panels/refused.ts';
import type { Tuning } from '../../panels/tuning.ts';
import { CodeEditor, type CodeEditorHandle, type CodeProblem } from '../../ui/code-editor.tsx';
import { useColors } from '../../ui/colors.ts';
import { XmlMeanwhile } from './xml-meanwhile.tsx';

/** A finding with the line it is shown at; `guessed` where libvirt told none. */
interface Problem extends TextFinding {
  readonly guessed: boolean;
}

const Problems = ({ problems, onGo }: { readonly problems: readonly Problem[]; readonly onGo: (line: number) => void }): ReactNode => {
  const { bad, warn } = useColors();
  return (
    <Box role="status" aria-label="Problems of the text">
      {problems.length > 0 && (
        <Box component="ul" sx={{ listStyle: 'none', m: 0, mt: 1, p: 0, display: 'grid', gap: '4px' }}>
          {problems.map(({ level, message, line, guessed }) => (
            <Box component="li" key={`${line ?? 0} ${message}`} sx={{ color: level === 'error' ? bad.text : warn.text, whiteSpace: 'pre-line', overflowWrap: 'anywhere' }}>
              {line !== undefined && <><Link component="button" type="button" color="inherit" sx={{ verticalAlign: 'baseline', font: 'inherit', fontWeight: 600 }} onClick={() => onGo(line)}>{guessed ? `Probably line ${line}` : `Line ${line}`}</Link>: </>}
              {message}
            </Box>
          ))}
        </Box>
      )}
    </Box>
  );
};

export const XmlEditor = ({ tuning, label }: { readonly tuning: Tuning; readonly label: string }): ReactNode => {
  const { guest, reading: { savedXml: saved, liveXml }, wanted: { definition: draft }, plan, fixed } = tuning;
  const help = useId();
  const editor = useRef<CodeEditorHandle>(null);
  const [validates, setValidates] = useState(draft?.validate ?? true);
  const text = draft?.to ?? saved ?? '';
  const isOutdated = draft !== undefined && draft.from !== saved;
  const refusal = useRefusedText(`${guest.host}/${guest.uuid}`, draft === undefined ? '' : (plan()?.savedAfter ?? ''));
  const problems = useMemo((): readonly Problem[] => {
    if (draft === undefined || saved === null) return [];
    const own = checkDefinition({ from: saved, to: draft.to }, tuning.xml.saved);
    const found = own.findings.map((finding): Problem => ({ ...finding, guessed: false }));
    if (refusal === null || own.after === null) return found;
    const place = errorPlace(refusal, draft.to, saved);
    return [...found, { level: 'error', message: refusal.trim(), ...(place !== null && { line: place.line }), guessed: place?.told === false }];
  }, [draft, saved, refusal, tuning.xml.saved]);
  const marks = useMemo(() => problems.flatMap(({ level, line, message }): readonly CodeProblem[] => (line === undefined ? [] : [{ level, line, message }])), [problems]);
  const write = (wish: DefinitionWish): void => tuning.write(wish);
  const canEdit = saved !== null && fixed === null;
  return (
    <>
      {isOutdated && <XmlMeanwhile draft={draft} saved={saved} fixed={fixed} onWrite={write} onDrop={() => tuning.write(undefined)} />}
      <CodeEditor
        ref={editor}
        label={label}
        describedBy={help}
        value={text}
        problems={marks}
        height={`max(240px, calc(100vh - ${isOutdated ? 560 : 350}px))`}
        onChange={canEdit ? (to) => write({ from: draft?.from ?? saved, to, validate: validates }) : undefined}
      />
      <Problems problems={problems} onGo={(line) => editor.current?.goTo(line)} />
      <Box sx={{ display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: '4px 16px', mt: 1 }}>
        <Box id={help} sx={{ color: 'text.secondary', mr: 'auto' }}>
          {canEdit ? 'Tab indents; Escape, then Tab, leaves the text. ' : ''}Ctrl+F searches. {liveXml !== null && canEdit ? 'The guest runs on as it is: edits act after a restart.' : ''}
        </Box>
        <FormControlLabel
          sx={{ mr: 0 }}
          disabled={!canEdit}
          title="libvirt checks the text before it takes it. Its schema may refuse what is right and newer; without the check, it drops silently what it does not know."
          control={(
            <Switch
              size="small"
              checked={draft?.validate ?? validates}
              onChange={(_, validate) => {
                setValidates(validate);
                if (draft !== undefined) write({ ...draft, validate });
              }}
            />
          )}
          label="Check against libvirt's schema"
        />
        {draft !== undefined && !isOutdated && <Button onClick={() => tuning.write(undefined)}>Drop the edit</Button>}
      </Box>
    </>
  );
};
