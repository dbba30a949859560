/** Keeping the page for times without a network. */

const WAIT_MS = 5000;

/**
 * Let the service worker take over, so that the large files pass through it when they first come.
 *
 * @returns {Promise<boolean>} whether there is one: not over plain HTTP, nor in some private windows
 */
export async function keepFiles() {
  const container = navigator.serviceWorker;
  if (!container) return false;
  try {
    const taken = new Promise((resolve) => container.addEventListener("controllerchange", resolve));
    await container.register("service-worker.js");
    const late = new Promise((resolve) => setTimeout(resolve, WAIT_MS));
    if (!container.controller) await Promise.race([taken, late]);
    return container.controller !== null;
  } catch {
    return false;
  }
}

/** Say whether every file is kept, once the service worker has seen to it. @returns {Promise<boolean>} */
export function allKept() {
  const { controller } = navigator.serviceWorker ?? {};
  if (!controller) return Promise.resolve(false);
  const { port1, port2 } = new MessageChannel();
  const answer = new Promise((resolve) => {
    port1.onmessage = ({ data }) => resolve(data);
  });
  controller.postMessage("fill", [port2]);
  return /** @type {Promise<boolean>} */ (answer);
}

/**
 * Read a file and tell how much of it is there.
 *
 * @param {string} address
 * @param {(bytes: number) => void} tell
 * @returns {Promise<Uint8Array>}
 */
export async function download(address, tell) {
  const response = await fetch(address);
  if (!response.ok || !response.body) throw new Error(`${address}: ${response.status}`);
  const reader = response.body.getReader();
  /** @type {Uint8Array[]} */
  const parts = [];
  let bytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    parts.push(value);
    bytes += value.length;
    tell(bytes);
  }
  const whole = new Uint8Array(bytes);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
