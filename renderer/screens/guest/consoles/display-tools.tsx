// What stands above a display: how it is drawn, who has the keys, what goes between its clipboard and this computer's, and more.
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import IconButton from '@mui/material/IconButton';
import ToggleButton from '@mui/material/ToggleButton';
import ToggleButtonGroup from '@mui/material/ToggleButtonGroup';
import Tooltip from '@mui/material/Tooltip';
import { mdiCameraOutline, mdiClipboardTextOutline, mdiEyeOutline, mdiFullscreen, mdiKeyVariant, mdiMonitorScreenshot } from '@mdi/js';
import type { MouseEvent, ReactNode } from 'react';
import type { Key } from '../../../../app/domain/keyboard.ts';
import { Icon } from '../../../ui/icon.tsx';
import type { DisplaySettings } from './display-view.ts';
import { KeyMenu } from './key-menu.tsx';
import type { Fit } from './picture-size.ts';

/** Settings that are on or off. */
const switches = [
  { of: 'resizeGuest', label: 'Resize the guest', icon: mdiMonitorScreenshot, hint: 'The guest takes on the size of this place, where its graphics driver can' },
  { of: 'viewOnly', label: 'View only', icon: mdiEyeOutline, hint: 'Only look: neither keys nor the pointer reach the guest' },
  { of: 'shareClipboard', label: 'Share the clipboard', icon: mdiClipboardTextOutline, hint: 'Text copied here goes to the guest when it gets the keys, and text copied there comes here. The guest needs spice-vdagent and a channel of type qemu-vdagent' },
] as const satisfies readonly { readonly of: keyof DisplaySettings; readonly label: string; readonly icon: string; readonly hint: string }[];

export const DisplayTools = ({ settings, open, running, grabbed, onSettings, onRelease, onKeys, onType, onPassword, onPicture, onFullScreen }: {
  readonly settings: DisplaySettings;
  /** Whether the guest is seen. */
  readonly open: boolean;
  /** Whether the guest runs and its host answers, whatever its display says. */
  readonly running: boolean;
  /** Whether its keys go to the guest. */
  readonly grabbed: boolean;
  readonly onSettings: (settings: DisplaySettings) => void;
  readonly onRelease: () => void;
  readonly onKeys: (keys: readonly Key[]) => void;
  readonly onType: () => void;
  readonly onPassword: () => void;
  readonly onPicture: () => void;
  readonly onFullScreen: () => void;
}): ReactNode => {
  const reached = open && !settings.viewOnly;
  // A button that is pressed takes the keys from the guest only by what it does: were they gone with the press, what says so would be, too, and the buttons beside it not where they were when it ends.
  const keepKeys = (event: MouseEvent<HTMLElement>): void => {
    if (event.target instanceof Node && event.currentTarget.contains(event.target)) event.preventDefault();
  };
  return (
    <Box onMouseDown={keepKeys} sx={{ display: 'contents' }}>
      {grabbed && <Button color="primary" title="Keys go to the guest. Ctrl+Alt+Shift, or this button, gives them back" onClick={onRelease}>Keys go to the guest. Release: Ctrl+Alt+Shift</Button>}
      <ToggleButtonGroup exclusive size="small" value={settings.fit} aria-label="Size of the picture" onChange={(_, fit: Fit | null) => fit !== null && onSettings({ ...settings, fit })}>
        <ToggleButton value="fit" title="As large as its place, or as small">Fit</ToggleButton>
        <ToggleButton value="one" title="One of the guest’s pixels on one of this screen’s; scrolls where it is too large">1:1</ToggleButton>
        <ToggleButton value="fill" title="All of its place; scrolls where it is too large">Fill</ToggleButton>
      </ToggleButtonGroup>
      <ToggleButtonGroup size="small" aria-label="What reaches the guest" value={switches.filter(({ of }) => settings[of]).map(({ of }) => of)}>
        {switches.map(({ of, label, icon, hint }) => <ToggleButton key={of} value={of} aria-label={label} title={hint} onClick={() => onSettings({ ...settings, [of]: !settings[of] })}><Icon path={icon} /></ToggleButton>)}
      </ToggleButtonGroup>
      <KeyMenu disabled={!reached} press={onKeys} />
      <Button disabled={!reached} onClick={onType}>Type text…</Button>
      <Box sx={{ display: 'flex' }}>
        <Tooltip title="Sets the password of this display"><span><IconButton aria-label="Set the password…" disabled={!running} onClick={onPassword}><Icon path={mdiKeyVariant} /></IconButton></span></Tooltip>
        <Tooltip title="Saves the picture as a file"><span><IconButton aria-label="Save the picture" disabled={!open} onClick={onPicture}><Icon path={mdiCameraOutline} /></IconButton></span></Tooltip>
        <Tooltip title="Full screen; Escape held down leaves it"><IconButton aria-label="Full screen" onClick={onFullScreen}><Icon path={mdiFullscreen} /></IconButton></Tooltip>
      </Box>
    </Box>
  );
};
