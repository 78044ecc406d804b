import { defineLibrary, type Member } from "../../engine/index.ts";

const create: Member = { call: { returns: "Application" } };

/** The application object alone; controllers and modules are read by the framework of the same name. */
export default defineLibrary({
  name: "nest",
  packages: ["@nestjs/core"],
  exports: { NestFactory: { type: "Factory" } },
  types: {
    Factory: { members: { create, createMicroservice: create, createApplicationContext: { call: {} } } },
    Application: {
      members: {
        listen: { call: { meaning: () => ({ kind: "other", what: "listen", client: "Nest" }) } },
        get: { call: {} },
      },
      other: { call: { returns: "this" } },
    },
  },
});
