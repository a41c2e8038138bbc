// A display that speaks SPICE only: it is seen in the system's own viewer, through the connection to its host.
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import { type ReactNode, useState } from 'react';
import { useApi } from '../../../api/api.tsx';
import { RefusalCard } from '../../../ui/refusal-card.tsx';
import { saveFile } from '../../../ui/save-file.ts';
import { useAct } from '../../certificates/act.ts';

export const SpiceDisplay = ({ guest: { host, uuid, name }, display, disabled }: { readonly guest: { readonly host: string; readonly uuid: string; readonly name: string }; readonly display: number; readonly disabled: boolean }): ReactNode => {
  const { client } = useApi();
  const act = useAct();
  const [opened, setOpened] = useState<'program' | 'file' | null>(null);
  const open = (start: boolean): void => act.run(async () => {
    setOpened(null);
    const { file } = await client.ask('consoles', 'openViewer', { host, uuid, display, start });
    if (file !== null) saveFile(`${name}.vv`, new Blob([file], { type: 'application/x-virt-viewer' }));
    setOpened(start ? 'program' : 'file');
  });
  return (
    <Box sx={{ display: 'grid', gap: '6px' }}>
      <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: '6px' }}>
        <Button disabled={disabled} loading={act.busy} title="Starts the viewer of this computer, on a port of this computer that leads to the display and closes with the viewer" onClick={() => open(true)}>Open in remote-viewer</Button>
        <Button disabled={disabled || act.busy} title="For another viewer of SPICE on this computer; it asks for the password where there is one" onClick={() => open(false)}>Save a .vv file</Button>
      </Box>
      <Box role="status">{opened === 'program' ? 'remote-viewer is started; the way to the display closes with it.' : opened === 'file' ? 'Open the file within two minutes: then the way to the display closes, or with its viewer.' : ''}</Box>
      {act.refusal !== null && <RefusalCard refusal={act.refusal} title="The display cannot be opened" />}
    </Box>
  );
};
