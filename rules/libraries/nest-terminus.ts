import { defineLibrary, type Member, type OtherMeaning } from "../../engine/index.ts";

/** Every indicator asks its dependency, with a limit of 1 s by default (dist/health-indicator/database/typeorm.health.js). */
const asks = (client: string): Member => ({
  call: { meaning: (): OtherMeaning => ({ kind: "other", what: "dependency-check", client }) },
});
const indicator = (client: string) => ({
  members: { pingCheck: asks(client), responseCheck: asks(client), isHealthy: asks(client) },
});

export default defineLibrary({
  name: "nest-terminus",
  packages: ["@nestjs/terminus"],
  exports: {},
  types: {
    TypeOrmHealthIndicator: indicator("TypeORM"),
    MongooseHealthIndicator: indicator("Mongoose"),
    SequelizeHealthIndicator: indicator("Sequelize"),
    MikroOrmHealthIndicator: indicator("MikroORM"),
    PrismaHealthIndicator: indicator("Prisma"),
    HttpHealthIndicator: indicator("HTTP"),
    MicroserviceHealthIndicator: indicator("microservice"),
    GRPCHealthIndicator: indicator("gRPC"),
  },
});
