// All that the page gets of Electron: the bridge of the contract, as window.guestdeck.
import { contextBridge, ipcRenderer } from 'electron';
import type { Bridge, News } from '../../../app/contract/contract.ts';
import { askChannel, newsChannel } from './channels.ts';

const bridge: Bridge = {
  ask: (section, name, takes) => ipcRenderer.invoke(askChannel, section, name, takes),
  listen: (hear) => {
    const pass = (_event: unknown, news: News): void => hear(news);
    ipcRenderer.on(newsChannel, pass);
    return () => void ipcRenderer.off(newsChannel, pass);
  },
};

contextBridge.exposeInMainWorld('guestdeck', bridge);
