// One serial line of a guest in a terminal: typed into, searched, copied from, kept as a file.
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import IconButton from '@mui/material/IconButton';
import InputBase from '@mui/material/InputBase';
import Tooltip from '@mui/material/Tooltip';
import { mdiArrowDown, mdiArrowUp, mdiContentCopy, mdiContentSaveOutline } from '@mdi/js';
import sheet from '@xterm/xterm/css/xterm.css?url';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import type { ChannelEnd } from '../../../../app/contract/page-channels.ts';
import type { SerialLine } from '../../../../app/xml/serial-lines.ts';
import { useApi } from '../../../api/api.tsx';
import { useColors } from '../../../ui/colors.ts';
import { isKeyboardFree } from '../../../ui/focus.ts';
import { Icon } from '../../../ui/icon.tsx';
import { saveFile } from '../../../ui/save-file.ts';
import { ConsoleFrame } from './console-frame.tsx';
import { Recording } from './recording.ts';
import { useReturning } from './returning.ts';
import { SerialTerminal } from './serial-terminal.ts';

export const SerialConsole = ({ guest, line, waiting }: { readonly guest: { readonly host: string; readonly uuid: string; readonly name: string }; readonly line: SerialLine; readonly waiting: string | null }): ReactNode => {
  const { client } = useApi();
  const colors = useColors();
  const returning = useReturning(waiting === null);
  const { attempt, force, opened, ended } = returning;
  const { host, uuid, name } = guest;
  const { alias, kind, label } = line;
  const [terminal] = useState(() => new SerialTerminal());
  const [recording] = useState(() => new Recording());
  const place = useRef<HTMLDivElement>(null);
  const end = useRef<ChannelEnd | null>(null);
  const wasThere = useRef(false);
  const [sought, setSought] = useState('');
  const [hasSelection, setHasSelection] = useState(false);

  useEffect(() => () => terminal.dispose(), [terminal]);
  useEffect(() => (place.current === null ? undefined : terminal.open(place.current, `${label} of ${name}`, { typed: (bytes) => void end.current?.send(bytes), selected: setHasSelection })), [terminal, label, name]);
  useEffect(() => terminal.wear(colors), [terminal, colors]);
  useEffect(() => {
    if (attempt === null) return undefined;
    const channel = client.open('consoles', 'serial', { host, uuid, device: alias, kind, force }, {
      opened: () => {
        opened();
        // One that comes back leaves the keyboard to whom has it by now.
        if (!wasThere.current || isKeyboardFree()) terminal.focus();
        wasThere.current = true;
      },
      bytes: (bytes) => {
        recording.add(bytes);
        // What the terminal has drawn is taken; a guest that prints without end waits for it.
        terminal.write(bytes, () => channel.took(bytes.length));
      },
      ended,
    });
    end.current = channel;
    return () => {
      end.current = null;
      channel.close();
    };
  }, [client, host, uuid, alias, kind, attempt, force, opened, ended, terminal, recording]);

  const tellSize = (): void => {
    const { rows, columns } = terminal.size;
    void end.current?.send(new TextEncoder().encode(`stty rows ${rows} cols ${columns}\r`));
    terminal.focus();
  };
  const tools = (
    <>
      <InputBase
        value={sought} placeholder="Find" inputProps={{ 'aria-label': `Find in ${label}` }} sx={{ border: 1, borderColor: 'divider', borderRadius: '7px', px: 1, fontSize: 12, width: 130 }}
        onChange={({ target }) => {
          setSought(target.value);
          terminal.find(target.value, 'grow');
        }}
        onKeyDown={({ key, shiftKey }) => key === 'Enter' && terminal.find(sought, shiftKey ? 'below' : 'above')}
      />
      <Tooltip title="Find above"><IconButton aria-label="Find above" onClick={() => terminal.find(sought, 'above')}><Icon path={mdiArrowUp} /></IconButton></Tooltip>
      <Tooltip title="Find below"><IconButton aria-label="Find below" onClick={() => terminal.find(sought, 'below')}><Icon path={mdiArrowDown} /></IconButton></Tooltip>
      <Tooltip title="Copy what is selected"><span><IconButton aria-label="Copy" disabled={!hasSelection} onClick={() => void navigator.clipboard.writeText(terminal.selection)}><Icon path={mdiContentCopy} /></IconButton></span></Tooltip>
      <Tooltip title={`Saves what came since this page was opened as a file${line.log === null ? '' : `. The host keeps all in ${line.log}`}`}>
        <IconButton aria-label="Save as a file" onClick={() => saveFile(`${name}-${alias}.log`, recording.blob)}><Icon path={mdiContentSaveOutline} /></IconButton>
      </Tooltip>
      <Button title="Types stty with this terminal's rows and columns: a serial line does not tell its size" onClick={tellSize}>Tell size</Button>
    </>
  );
  return (
    <ConsoleFrame title={label} returning={returning} waiting={waiting} tools={tools}>
      <link rel="stylesheet" href={sheet} precedence="default" />
      <Box ref={place} sx={{ position: 'absolute', inset: 0, p: '6px', bgcolor: 'background.paper', '& .xterm': { height: '100%' } }} />
    </ConsoleFrame>
  );
};
