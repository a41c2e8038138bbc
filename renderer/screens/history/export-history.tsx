// The history as a file: JSON with everything, or a script of what was done.
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import LinearProgress from '@mui/material/LinearProgress';
import ToggleButton from '@mui/material/ToggleButton';
import ToggleButtonGroup from '@mui/material/ToggleButtonGroup';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useId, useState } from 'react';
import type { Takes } from '../../../app/contract/contract.ts';
import { refusalOf, useApi } from '../../api/api.tsx';
import { RefusalCard } from '../../ui/refusal-card.tsx';
import { Download } from '../certificates/download.tsx';

type Form = Takes<'history', 'export'>['as'];

const forms: Readonly<Record<Form, { readonly label: string; readonly hint: string }>> = {
  json: { label: 'JSON', hint: 'Every entry with its steps, its changes and the definitions before and after.' },
  virsh: { label: 'virsh script', hint: 'The commands of what was done, the first first. The script asks for the URI of each host before it does anything.' },
};

export const ExportHistory = ({ sought, onClose }: { readonly sought: Omit<Takes<'history', 'export'>, 'as'>; readonly onClose: () => void }): ReactNode => {
  const { client } = useApi();
  const title = useId();
  const [form, setForm] = useState<Form>('json');
  // A file is of one moment: it is made once for each form, and not kept.
  const made = useQuery({ queryKey: ['history', 'export', sought, form], queryFn: async () => await client.ask('history', 'export', { ...sought, as: form }), staleTime: Infinity, gcTime: 0 });
  return (
    <Dialog open onClose={onClose} aria-labelledby={title}>
      <DialogTitle id={title}>Export the history</DialogTitle>
      <DialogContent sx={{ display: 'grid', gap: 2 }}>
        <ToggleButtonGroup exclusive size="small" value={form} aria-label="Form of the file" onChange={(_, chosen: Form | null) => chosen !== null && setForm(chosen)}>
          {(['json', 'virsh'] as const).map((one) => <ToggleButton key={one} value={one}>{forms[one].label}</ToggleButton>)}
        </ToggleButtonGroup>
        <Box sx={{ color: 'text.secondary' }}>{forms[form].hint} It has what the list shows, and no passwords.</Box>
        {made.error !== null && <RefusalCard refusal={refusalOf(made.error)} title="The file cannot be made" />}
        {made.data === undefined && made.error === null && <LinearProgress aria-label="Making the file" />}
        {made.data !== undefined && (
          <Download
            name={made.data.name}
            content={made.data.content}
            note={`${made.data.entries === 1 ? '1 entry' : `${made.data.entries} entries`}${made.data.left > 0 ? `, the newest; ${made.data.left} older ones are not in it` : ''}`}
            main
          />
        )}
      </DialogContent>
      <DialogActions><Button onClick={onClose}>Close</Button></DialogActions>
    </Dialog>
  );
};
