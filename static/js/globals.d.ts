/** What the pages find on `window` without importing it: the Socket.IO client is a classic script. */

import type { ManagerOptions, Socket, SocketOptions } from "socket.io-client";

declare global {
  /** static/vendor/socket.io.msgpack.min.js */
  function io(uri: string, options?: Partial<ManagerOptions & SocketOptions>): Socket;
}

export {};
