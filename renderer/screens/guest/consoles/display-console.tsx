// A guest's VNC display: seen, typed and pointed into, fitted to its place, taken pictures of.
import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import { type KeyboardEvent, type ReactNode, useCallback, useEffect, useRef, useState } from 'react';
import type { Key, Layout } from '../../../../app/domain/keyboard.ts';
import type { Display } from '../../../../app/xml/displays.ts';
import { useApi } from '../../../api/api.tsx';
import { saveFile } from '../../../ui/save-file.ts';
import { ConsoleFrame } from './console-frame.tsx';
import { DisplayPassword } from './display-password.tsx';
import { DisplayTools } from './display-tools.tsx';
import { type DisplaySettings, DisplayView } from './display-view.ts';
import { useReturning } from './returning.ts';
import { TypeText } from './type-text.tsx';

const usual: DisplaySettings = { fit: 'fit', viewOnly: false, resizeGuest: false, shareClipboard: false };

export const DisplayConsole = ({ guest, display, title, waiting }: {
  readonly guest: { readonly host: string; readonly uuid: string; readonly name: string; readonly persistent: boolean };
  readonly display: Display;
  readonly title: string;
  readonly waiting: string | null;
}): ReactNode => {
  const { client } = useApi();
  const returning = useReturning(waiting === null);
  const { attempt, opened, ended, standing } = returning;
  const { host, uuid, name } = guest;
  const { index } = display;
  const [settings, setSettings] = useState(usual);
  const [grabbed, setGrabbed] = useState(false);
  const [asking, setAsking] = useState<'text' | 'password' | null>(null);
  const [layout, setLayout] = useState<Layout>('us');
  /** Why the clipboard of this computer was not used. */
  const [clipboard, setClipboard] = useState<string | null>(null);
  const frame = useRef<HTMLDivElement>(null);
  const room = useRef<HTMLDivElement>(null);
  const picture = useRef<HTMLDivElement>(null);
  const still = useRef<HTMLCanvasElement>(null);
  const view = useRef<DisplayView | null>(null);

  useEffect(() => {
    if (room.current === null || picture.current === null || still.current === null) return undefined;
    const made = new DisplayView({ room: room.current, picture: picture.current, still: still.current }, usual, setClipboard);
    view.current = made;
    return made.attend();
  }, []);
  useEffect(() => {
    if (view.current !== null) view.current.settings = settings;
  }, [settings]);
  useEffect(() => {
    const shown = view.current;
    if (attempt === null || shown === null) return undefined;
    const channel = client.open('consoles', 'screen', { host, uuid, display: index }, {
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
  }, [client, host, uuid, index, attempt, opened, ended]);

  const press = useCallback((keys: readonly Key[]) => view.current?.press(keys), []);
  /** Ctrl, Alt and Shift together give the keyboard back; the guest sees them released. */
  const release = (event: KeyboardEvent): void => {
    if (!event.ctrlKey || !event.altKey || !event.shiftKey) return;
    event.preventDefault();
    event.stopPropagation();
    view.current?.release();
  };
  const takePicture = async (): Promise<void> => {
    const taken = await view.current?.picture();
    if (taken != null) saveFile(`${name}.png`, taken);
  };
  const change = (next: DisplaySettings): void => {
    setSettings(next);
    setClipboard(null);
  };
  const tools = (
    <DisplayTools
      settings={settings} open={standing.phase === 'open'} running={waiting === null} grabbed={grabbed} onSettings={change} onRelease={() => view.current?.release()}
      onKeys={(keys) => {
        press(keys);
        view.current?.focus();
      }}
      onType={() => setAsking('text')} onPassword={() => setAsking('password')} onPicture={() => void takePicture()} onFullScreen={() => void frame.current?.requestFullscreen()}
    />
  );
  return (
    <Box ref={frame} onKeyDownCapture={release} sx={{ display: 'grid', minWidth: 0, minHeight: 0 }}>
      <ConsoleFrame title={title} returning={returning} waiting={waiting} tools={tools}>
        {clipboard !== null && <Alert severity="warning" square onClose={() => setClipboard(null)} sx={{ position: 'absolute', zIndex: 1, left: 0, right: 0 }}>The clipboard of this computer was not used: {clipboard}</Alert>}
        <Box
          ref={room}
          onFocus={() => {
            setGrabbed(true);
            void view.current?.sendClipboard();
          }}
          onBlur={() => setGrabbed(false)}
          sx={{ position: 'absolute', inset: 0, display: 'grid', bgcolor: '#000', ...(grabbed && { outline: '2px solid', outlineColor: 'primary.main', outlineOffset: '-2px' }) }}
        >
          <Box ref={picture} sx={{ m: 'auto', minWidth: 0, minHeight: 0 }} />
          <canvas ref={still} hidden style={{ position: 'absolute', inset: 0, margin: 'auto', maxWidth: '100%', maxHeight: '100%' }} role="img" aria-label={`Last picture of ${name}`} />
        </Box>
      </ConsoleFrame>
      {asking === 'text' && <TypeText guest={name} layout={layout} onLayout={setLayout} press={press} onClose={() => setAsking(null)} />}
      {asking === 'password' && <DisplayPassword guest={guest} display={display} persistent={guest.persistent} onClose={() => setAsking(null)} />}
    </Box>
  );
};
