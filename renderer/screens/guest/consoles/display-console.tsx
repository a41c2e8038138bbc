// A guest's VNC display: seen, typed and pointed into, fitted to its place, taken pictures of.
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import IconButton from '@mui/material/IconButton';
import ToggleButton from '@mui/material/ToggleButton';
import ToggleButtonGroup from '@mui/material/ToggleButtonGroup';
import Tooltip from '@mui/material/Tooltip';
import { mdiCameraOutline, mdiEyeOutline, mdiFullscreen, mdiMonitorScreenshot } from '@mdi/js';
import { type KeyboardEvent, type ReactNode, useCallback, useEffect, useRef, useState } from 'react';
import type { Key, Layout } from '../../../../app/domain/keyboard.ts';
import { useApi } from '../../../api/api.tsx';
import { Icon } from '../../../ui/icon.tsx';
import { saveFile } from '../../../ui/save-file.ts';
import { ConsoleFrame } from './console-frame.tsx';
import { type DisplaySettings, DisplayView, type Fit } from './display-view.ts';
import { KeyMenu } from './key-menu.tsx';
import { useReturning } from './returning.ts';
import { TypeText } from './type-text.tsx';

const usual: DisplaySettings = { fit: 'fit', viewOnly: false, resizeGuest: false };

export const DisplayConsole = ({ guest, display, title, waiting }: {
  readonly guest: { readonly host: string; readonly uuid: string; readonly name: string };
  readonly display: number;
  readonly title: string;
  readonly waiting: string | null;
}): ReactNode => {
  const { client } = useApi();
  const returning = useReturning(waiting === null);
  const { attempt, opened, ended, standing } = returning;
  const { host, uuid, name } = guest;
  const [settings, setSettings] = useState(usual);
  const [grabbed, setGrabbed] = useState(false);
  const [typing, setTyping] = useState(false);
  const [layout, setLayout] = useState<Layout>('us');
  const frame = useRef<HTMLDivElement>(null);
  const place = useRef<HTMLDivElement>(null);
  const still = useRef<HTMLCanvasElement>(null);
  const view = useRef<DisplayView | null>(null);

  useEffect(() => {
    if (place.current === null || still.current === null) return undefined;
    const made = new DisplayView(place.current, still.current, usual);
    view.current = made;
    return () => made.ended();
  }, []);
  useEffect(() => {
    if (view.current !== null) view.current.settings = settings;
  }, [settings]);
  useEffect(() => {
    const shown = view.current;
    if (attempt === null || shown === null) return undefined;
    const channel = client.open('consoles', 'screen', { host, uuid, display }, {
      opened: () => {
        shown.open(channel);
        opened();
      },
      bytes: (bytes) => {
        shown.receive(bytes);
        channel.took(bytes.length);
      },
      ended: (refusal) => {
        shown.ended();
        ended(refusal);
      },
    });
    return () => {
      shown.ended();
      channel.close();
    };
  }, [client, host, uuid, display, attempt, opened, ended]);

  const press = useCallback((keys: readonly Key[]) => view.current?.press(keys), []);
  /** Ctrl, Alt and Shift together give the keyboard back; the guest sees them released. */
  const release = (event: KeyboardEvent): void => {
    if (!event.ctrlKey || !event.altKey || !event.shiftKey) return;
    event.preventDefault();
    event.stopPropagation();
    view.current?.release();
  };
  const open = standing.phase === 'open';
  const takePicture = async (): Promise<void> => {
    const picture = await view.current?.picture();
    if (picture != null) saveFile(`${name}.png`, picture);
  };
  const tools = (
    <>
      {grabbed && <Box component="span" role="status" sx={{ fontSize: 12, color: 'primary.main' }}>Keys go to the guest. Ctrl+Alt+Shift gives them back.</Box>}
      <ToggleButtonGroup exclusive size="small" value={settings.fit} aria-label="Size of the picture" onChange={(_, fit: Fit | null) => fit !== null && setSettings({ ...settings, fit })}>
        <ToggleButton value="fit" title="As large as its place, or as small">Fit</ToggleButton>
        <ToggleButton value="one" title="One pixel for one pixel; scrolls where it is too large">1:1</ToggleButton>
      </ToggleButtonGroup>
      <Tooltip title="The guest takes on the size of this place, where its graphics driver can"><ToggleButton size="small" value="resize" aria-label="Resize the guest" selected={settings.resizeGuest} onChange={() => setSettings({ ...settings, resizeGuest: !settings.resizeGuest })}><Icon path={mdiMonitorScreenshot} /></ToggleButton></Tooltip>
      <Tooltip title="Only look: neither keys nor the pointer reach the guest"><ToggleButton size="small" value="view" aria-label="View only" selected={settings.viewOnly} onChange={() => setSettings({ ...settings, viewOnly: !settings.viewOnly })}><Icon path={mdiEyeOutline} /></ToggleButton></Tooltip>
      <KeyMenu disabled={!open || settings.viewOnly} press={(keys) => {
        press(keys);
        view.current?.focus();
      }} />
      <Button disabled={!open || settings.viewOnly} onClick={() => setTyping(true)}>Type text…</Button>
      <Tooltip title="Saves the picture as a file"><span><IconButton aria-label="Save the picture" disabled={!open} onClick={() => void takePicture()}><Icon path={mdiCameraOutline} /></IconButton></span></Tooltip>
      <Tooltip title="Full screen; Escape held down leaves it"><IconButton aria-label="Full screen" onClick={() => void frame.current?.requestFullscreen()}><Icon path={mdiFullscreen} /></IconButton></Tooltip>
    </>
  );
  return (
    <Box ref={frame} onKeyDownCapture={release} sx={{ display: 'grid', minWidth: 0, minHeight: 0 }}>
      <ConsoleFrame title={title} returning={returning} waiting={waiting} tools={tools}>
        <Box
          ref={place} onFocus={() => setGrabbed(true)} onBlur={() => setGrabbed(false)}
          sx={{ position: 'absolute', inset: 0, overflow: 'hidden', bgcolor: '#000', ...(grabbed && { outline: '2px solid', outlineColor: 'primary.main', outlineOffset: '-2px' }) }}
        >
          <canvas ref={still} hidden style={{ position: 'absolute', inset: 0, margin: 'auto', maxWidth: '100%', maxHeight: '100%' }} role="img" aria-label={`Last picture of ${name}`} />
        </Box>
      </ConsoleFrame>
      {typing && <TypeText guest={name} layout={layout} onLayout={setLayout} press={press} onClose={() => setTyping(false)} />}
    </Box>
  );
};
