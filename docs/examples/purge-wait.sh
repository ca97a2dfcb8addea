# The command line of Freshet, docs/cli.md; ends with 0 only when every cache has confirmed.
# ALIBABA_CLOUD_ACCESS_KEY_ID=… ALIBABA_CLOUD_ACCESS_KEY_SECRET=… sh purge-wait.sh http://www.example.com/page.html
export FRESHET_ENDPOINT=https://freshet.example.com
export FRESHET_ACCESS_KEY_ID="$ALIBABA_CLOUD_ACCESS_KEY_ID"
export FRESHET_ACCESS_KEY_SECRET="$ALIBABA_CLOUD_ACCESS_KEY_SECRET"
freshet purge "$@" --wait confirmed
