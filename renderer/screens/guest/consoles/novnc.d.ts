// The part of noVNC that is used; https://github.com/novnc/noVNC/blob/master/docs/API.md
declare module '@novnc/novnc' {
  /** What it takes for a WebSocket. */
  export interface RawChannel {
    binaryType: string;
    readonly protocol: string;
    readonly readyState: string;
    onopen: (() => void) | null;
    onmessage: ((message: { readonly data: ArrayBuffer }) => void) | null;
    onerror: ((error: unknown) => void) | null;
    onclose: ((event: unknown) => void) | null;
    send(data: Uint8Array): void;
    close(): void;
  }

  export default class RFB extends EventTarget {
    constructor(target: HTMLElement, channel: RawChannel, options?: { readonly shared?: boolean });
    viewOnly: boolean;
    scaleViewport: boolean;
    resizeSession: boolean;
    showDotCursor: boolean;
    background: string;
    /** `code` is that of KeyboardEvent; without `down` it is pressed and released. */
    sendKey(keysym: number, code: string | null, down?: boolean): void;
    focus(options?: FocusOptions): void;
    blur(): void;
    /** Text for the guest's clipboard. */
    clipboardPasteFrom(text: string): void;
    addEventListener(type: 'connect', hear: () => void): void;
    addEventListener(type: 'clipboard', hear: (event: CustomEvent<{ readonly text: string }>) => void): void;
    toBlob(take: (picture: Blob | null) => void, type?: string): void;
    disconnect(): void;
    /** noVNC's own, not told in its manual (1.7.0): asks the guest for the size of the place, which is `_screenSize`. */
    _requestRemoteResize(): void;
    _screenSize(): { readonly w: number; readonly h: number };
  }
}
