// The application menu: editing, zoom and the window, all by Electron's own roles; developer tools only where it is developed.
import type { MenuItemConstructorOptions } from 'electron';

export const menuTemplate = (platform: NodeJS.Platform, isPackaged: boolean): MenuItemConstructorOptions[] => [
  ...(platform === 'darwin' ? [{ role: 'appMenu' } as const] : []),
  { label: 'Edit', submenu: [{ role: 'undo' }, { role: 'redo' }, { type: 'separator' }, { role: 'cut' }, { role: 'copy' }, { role: 'paste' }, { role: 'selectAll' }] },
  {
    label: 'View',
    submenu: [
      { role: 'resetZoom' }, { role: 'zoomIn' }, { role: 'zoomOut' }, { type: 'separator' }, { role: 'togglefullscreen' },
      ...(isPackaged ? [] : [{ type: 'separator' } as const, { role: 'reload' } as const, { role: 'toggleDevTools' } as const]),
    ],
  },
  { label: 'Window', submenu: [{ role: 'minimize' }, { role: 'close' }, ...(platform === 'darwin' ? [] : [{ role: 'quit' } as const])] },
];
