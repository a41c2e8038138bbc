// Hosts in and out: what libvirt and virt-manager of this computer know, and the whole list as JSON.
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Checkbox from '@mui/material/Checkbox';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import LinearProgress from '@mui/material/LinearProgress';
import TextField from '@mui/material/TextField';
import Typography from '@mui/material/Typography';
import { type ChangeEvent, type ReactNode, useEffect, useId, useMemo, useRef, useState } from 'react';
import type { Importable, ImportResult } from '../../../app/contract/connections.ts';
import { refusalOf, useApi, useAsk, useTell } from '../../api/api.tsx';
import { CopyButton } from '../../ui/copy-button.tsx';
import { RefusalCard } from '../../ui/refusal-card.tsx';
import { Chip, Tag } from '../../ui/tag.tsx';
import { monospace } from '../../ui/theme.ts';

const sources: Readonly<Record<Importable['source'], string>> = { uri_aliases: 'alias', uri_default: 'default of libvirt', 'virt-manager': 'virt-manager' };
const code = { fontFamily: monospace, fontSize: 12, overflowWrap: 'anywhere', color: 'text.secondary' } as const;
const keyOf = ({ source, place, name, uri }: Importable): string => [source, place, name, uri].join('\n');

const Results = ({ results }: { readonly results: readonly ImportResult[] }): ReactNode => (
  <Box component="ul" aria-label="What became of each host" sx={{ listStyle: 'none', m: 0, p: 0, display: 'grid', gap: '6px' }}>
    {results.map(({ name, uri, id, remark }, index) => (
      <Box component="li" key={`${index} ${uri}`} sx={{ display: 'flex', flexWrap: 'wrap', alignItems: 'baseline', gap: '2px 10px' }}>
        <Chip tone={id === null ? 'warn' : 'good'}>{id === null ? 'left out' : 'added'}</Chip>
        <strong>{name}</strong>
        <Box component="code" sx={code}>{uri}</Box>
        {remark !== null && <span>{remark}</span>}
      </Box>
    ))}
  </Box>
);

/** What other programs of this computer know, to be ticked. */
const Found = ({ onResults }: { readonly onResults: (results: readonly ImportResult[]) => void }): ReactNode => {
  const { client } = useApi();
  const saved = useAsk('connections', 'list', {}).data ?? [];
  const { mutate: look, data, error } = useTell('connections', 'importable');
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [adding, setAdding] = useState(false);
  useEffect(() => look({}), [look]);
  if (error !== null) return <RefusalCard refusal={refusalOf(error)} title="Not looked" />;
  if (data === undefined) return <LinearProgress aria-label="Looking for hosts" />;
  const able = data.entries.filter(({ savedAs, refusal }) => savedAs === null && refusal === null);
  const wanted = able.filter((entry) => chosen.has(keyOf(entry)));
  const add = async (): Promise<void> => {
    setAdding(true);
    const results: ImportResult[] = [];
    for (const { name, uri, autoConnect } of wanted) {
      try {
        const { id } = await client.ask('connections', 'add', { uri, name, autoConnect });
        results.push({ name, uri, id, remark: null });
      } catch (caught) {
        results.push({ name, uri, id: null, remark: refusalOf(caught).message });
      }
    }
    setAdding(false);
    setChosen(new Set());
    onResults(results);
    look({});
  };
  return (
    <Box sx={{ display: 'grid', gap: 1, justifyItems: 'start' }}>
      {data.entries.length === 0 && data.failures.length === 0 && <Typography sx={{ color: 'text.secondary' }}>Nothing was found: libvirt.conf names no alias, and virt-manager has no connection.</Typography>}
      <Box component="ul" aria-label="Hosts that were found" sx={{ listStyle: 'none', m: 0, p: 0, width: '100%' }}>
        {data.entries.map((entry) => {
          const key = keyOf(entry);
          const { name, uri, source, place, savedAs, refusal } = entry;
          const as = saved.find(({ id }) => id === savedAs)?.name;
          return (
            <Box component="li" key={key}>
              <Box component="label" sx={{ display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: '2px 10px', py: '2px' }}>
                <Checkbox
                  checked={chosen.has(key)}
                  disabled={savedAs !== null || refusal !== null || adding}
                  onChange={(_, on) => setChosen(new Set([...chosen].filter((one) => one !== key).concat(on ? [key] : [])))}
                  sx={{ p: 0 }}
                />
                <strong>{name}</strong>
                <Tag title={place}>{sources[source]}</Tag>
                <Box component="code" sx={code}>{uri}</Box>
                {savedAs !== null && <Tag tone="good">saved already{as === undefined || as === name ? '' : ` as ${as}`}</Tag>}
                {refusal !== null && <Box component="span" sx={{ color: 'error.main' }}>{refusal.message}</Box>}
              </Box>
            </Box>
          );
        })}
      </Box>
      {data.failures.map(({ place, refusal }) => <RefusalCard key={place} refusal={refusal} title={`${place} cannot be read`} />)}
      {able.length > 0 && <Button variant="contained" color="primary" loading={adding} disabled={wanted.length === 0} onClick={() => void add()}>Add {wanted.length} of {able.length}</Button>}
    </Box>
  );
};

/** A list exported before, from a file or pasted. */
const FromText = ({ onResults }: { readonly onResults: (results: readonly ImportResult[]) => void }): ReactNode => {
  const { mutate, error, isPending } = useTell('connections', 'import');
  const [text, setText] = useState('');
  const [unread, setUnread] = useState<string | null>(null);
  const picker = useRef<HTMLInputElement>(null);
  const read = ({ target }: ChangeEvent<HTMLInputElement>): void => {
    const [file] = target.files ?? [];
    setUnread(null);
    file?.text().then(setText, (reason: unknown) => setUnread(`${file.name} cannot be read: ${reason instanceof Error ? reason.message : String(reason)}`));
    // The same file can be chosen again after it was corrected.
    target.value = '';
  };
  return (
    <Box sx={{ display: 'grid', gap: 1, justifyItems: 'start' }}>
      <Button onClick={() => picker.current?.click()}>Choose file…</Button>
      <input ref={picker} hidden type="file" accept=".json,application/json" aria-label="File of an exported list" onChange={read} />
      <TextField
        fullWidth
        multiline
        minRows={3}
        maxRows={8}
        label="Exported list, as JSON"
        value={text}
        onChange={(event) => setText(event.target.value)}
        slotProps={{ htmlInput: { spellCheck: false, style: { fontFamily: monospace, fontSize: 12 } } }}
      />
      {unread !== null && <Typography role="alert" sx={{ color: 'error.main' }}>{unread}</Typography>}
      {error !== null && <RefusalCard refusal={refusalOf(error)} title="Nothing was imported" />}
      <Button variant="contained" color="primary" loading={isPending} disabled={text.trim() === ''} onClick={() => mutate({ text }, { onSuccess: onResults })}>Import the list</Button>
    </Box>
  );
};

export const ImportHosts = (): ReactNode => {
  const [open, setOpen] = useState(false);
  const [results, setResults] = useState<readonly ImportResult[]>([]);
  const title = useId();
  return (
    <>
      <Button onClick={() => setOpen(true)}>Import…</Button>
      <Dialog open={open} onClose={() => setOpen(false)} aria-labelledby={title} maxWidth="md" fullWidth>
        <DialogTitle id={title}>Import hosts</DialogTitle>
        <DialogContent sx={{ display: 'grid', gap: 2 }}>
          <Typography variant="h3" component="h3">Known to libvirt and virt-manager on this computer</Typography>
          <Found onResults={setResults} />
          <Typography variant="h3" component="h3">Exported by Guestdeck</Typography>
          <FromText onResults={setResults} />
          <Box role="status">{results.length > 0 && <Results results={results} />}</Box>
        </DialogContent>
        <DialogActions><Button autoFocus onClick={() => setOpen(false)}>Close</Button></DialogActions>
      </Dialog>
    </>
  );
};

const Exported = ({ text }: { readonly text: string }): ReactNode => {
  const address = useMemo(() => URL.createObjectURL(new Blob([text], { type: 'application/json' })), [text]);
  useEffect(() => () => URL.revokeObjectURL(address), [address]);
  return (
    <>
      <Box component="pre" role="figure" aria-label="The list as JSON" tabIndex={0} sx={{ m: 0, font: `12px/1.5 ${monospace}`, overflow: 'auto', maxHeight: '50vh' }}>{text}</Box>
      <Box sx={{ display: 'flex', gap: 1 }}>
        <Button component="a" href={address} download="guestdeck-hosts.json" variant="contained" color="primary">Download</Button>
        <CopyButton label="Copy" text={() => text} />
      </Box>
    </>
  );
};

export const ExportHosts = (): ReactNode => {
  const { mutate, data, error } = useTell('connections', 'export');
  const [open, setOpen] = useState(false);
  const title = useId();
  return (
    <>
      <Button onClick={() => {
        mutate({});
        setOpen(true);
      }}>Export…</Button>
      <Dialog open={open} onClose={() => setOpen(false)} aria-labelledby={title} maxWidth="md" fullWidth>
        <DialogTitle id={title}>Export hosts</DialogTitle>
        <DialogContent sx={{ display: 'grid', gap: 2 }}>
          <Typography>Names, URIs, groups and marks of all saved hosts. Passwords, keys and certificates are not in it.</Typography>
          {error !== null && <RefusalCard refusal={refusalOf(error)} title="Not exported" />}
          {data === undefined && error === null && <LinearProgress aria-label="Reading the list" />}
          {data !== undefined && <Exported text={data.text} />}
        </DialogContent>
        <DialogActions><Button autoFocus onClick={() => setOpen(false)}>Close</Button></DialogActions>
      </Dialog>
    </>
  );
};
