// What a guest does with memory that is plugged into it: what it was asked to give back, and how it takes into use what it was given.
import Box from '@mui/material/Box';
import type { ReactNode } from 'react';
import { CodeBlock } from '../ui/code-block.tsx';
import { CopyButton } from '../ui/copy-button.tsx';
import type { Tuning } from './tuning.ts';
import { UnplugNotes } from './unplug-notes.tsx';

/** Linux's rule for memory that its kernel does not take into use by itself. */
const rule = 'SUBSYSTEM=="memory", ACTION=="add", ATTR{state}=="offline", ATTR{state}="online"';
const file = '/etc/udev/rules.d/80-hotplug-memory.rules';

const OnlineHint = (): ReactNode => (
  <Box component="details" sx={{ color: 'text.secondary', mb: '10px' }}>
    <Box component="summary" sx={{ cursor: 'pointer' }}>When the guest does not use what was plugged</Box>
    <Box sx={{ display: 'grid', gap: '6px', mt: '6px', maxWidth: 820 }}>
      <span>A Linux guest takes new memory into use when its kernel is set to (<code>/sys/devices/system/memory/auto_online_blocks</code> says <code>online</code>), or by this udev rule, inside the guest in <code>{file}</code>:</span>
      <CodeBlock label="udev rule for plugged memory">{rule}</CodeBlock>
      <Box><CopyButton label="Copy the rule" text={() => rule} /></Box>
    </Box>
  </Box>
);

export const PluggedMemory = ({ tuning }: { readonly tuning: Tuning }): ReactNode => {
  const devices = tuning.edited.live?.memoryDevices[''] ?? tuning.edited.saved?.memoryDevices[''] ?? [];
  return (
    <>
      <UnplugNotes tuning={tuning} of="memory" />
      {devices.length > 0 && <OnlineHint />}
    </>
  );
};
