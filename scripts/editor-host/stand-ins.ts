/**
 * Two of the editor host's modules are C++ that a machine without a compiler cannot build, and that no prebuilt file
 * comes with. Both do little, so plain JavaScript stands in for them: without the first, no output channel has any text.
 */

/** For `@vscode/spdlog`: a logger that appends lines to a file and starts anew when the file is full. */
export const spdlogStandIn = `"use strict";
const fs = require("node:fs");
const path = require("node:path");
const levels = ["trace", "debug", "info", "warn", "error", "critical", "off"];
const labels = ["trace", "debug", "info", "warning", "error", "critical"];
let commonLevel = 2;
const two = (n) => String(n).padStart(2, "0");
const stamp = (d) => d.getFullYear() + "-" + two(d.getMonth() + 1) + "-" + two(d.getDate()) + " " + two(d.getHours()) +
  ":" + two(d.getMinutes()) + ":" + two(d.getSeconds()) + "." + String(d.getMilliseconds()).padStart(3, "0");
class Logger {
  constructor(_type, _name, file, maxSize) {
    this.file = file; this.maxSize = maxSize || 0; this.level = commonLevel; this.bare = false;
  }
  write(level, message) {
    if (level < this.level) return;
    const text = this.bare ? message : stamp(new Date()) + " [" + labels[level] + "] " + message + "\\n";
    try {
      if (this.maxSize > 0 && fs.existsSync(this.file) && fs.statSync(this.file).size > this.maxSize) fs.truncateSync(this.file);
      fs.appendFileSync(this.file, text);
    } catch {}
  }
  getLevel() { return this.level; }
  setLevel(level) { this.level = level; }
  setPattern() {}
  clearFormatters() { this.bare = true; }
  flush() {}
  drop() {}
}
levels.slice(0, 6).forEach((name, level) => { Logger.prototype[name] = function (message) { this.write(level, message); }; });
async function create(type, name, file, maxSize) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  return new Logger(type, name, file, maxSize);
}
exports.version = 0;
exports.setLevel = (level) => { commonLevel = level; };
exports.setFlushOn = () => {};
exports.Logger = Logger;
exports.createRotatingLogger = (...rest) => create("rotating", ...rest);
exports.createAsyncRotatingLogger = (...rest) => create("rotating_async", ...rest);
`;

/** For `@vscode/native-watchdog`: ends this process when the one that started it is gone. */
export const watchdogStandIn = `"use strict";
exports.start = (pid) => {
  setInterval(() => { try { process.kill(pid, 0); } catch { process.exit(87); } }, 3000).unref();
};
exports.exit = (code) => process.exit(code || 0);
`;
