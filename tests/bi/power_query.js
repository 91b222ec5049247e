// Parses the connector for Power BI and its sanity tests by Microsoft's parser. Arguments: the files.
const fs = require("fs");
const { DefaultSettings, TaskUtils } = require("@microsoft/powerquery-parser");

async function fault(text) {
    // A byte order mark is for editors.
    const task = await TaskUtils.tryLexParse(DefaultSettings, text.replace(/^\uFEFF/, ""));
    return TaskUtils.isParseStageOk(task) ? null : (task.error && task.error.message) || task.stage;
}

async function main(files) {
    if ((await fault("let a = 1 in")) === null) {
        throw new Error("the parser accepts what is no expression");
    }
    let failed = files.length === 0;
    for (const file of files) {
        const found = await fault(fs.readFileSync(file, "utf8"));
        console.log(`${file}: ${found || "parsed"}`);
        failed = failed || found !== null;
    }
    process.exitCode = failed ? 1 : 0;
}

main(process.argv.slice(2)).catch((error) => {
    console.error(error);
    process.exitCode = 1;
});
