// What the pages do beyond plain links and forms. Each module works alone, and every page works without any.
import "./regions.js";
import "./once.js";
import "./draft.js";
import "./live.js";
import "./times.js";
import "./hold.js";
import "./preview.js";
import "./keys.js";
import "./canned.js";
import "./calls.js";
