// All that the page gets of Electron: the bridge of the contract, as window.guestdeck.
import { contextBridge, ipcRenderer } from 'electron';
import type { Bridge, News } from '../../../app/contract/contract.ts';
import { type FromMain, PageChannels } from '../../../app/contract/page-channels.ts';
import { askChannel, bytesChannel, newsChannel } from './channels.ts';

const channels = new PageChannels((message) => ipcRenderer.send(bytesChannel, message));
ipcRenderer.on(bytesChannel, (_event, message: FromMain) => channels.heard(message));

const bridge: Bridge = {
  ask: (section, name, takes) => ipcRenderer.invoke(askChannel, section, name, takes),
  listen: (hear) => {
    const pass = (_event: unknown, news: News): void => hear(news);
    ipcRenderer.on(newsChannel, pass);
    return () => void ipcRenderer.off(newsChannel, pass);
  },
  open: (section, name, takes, hear) => channels.open(section, name, takes, hear),
};

contextBridge.exposeInMainWorld('guestdeck', bridge);
