# The vendor's command line. ALIBABA_CLOUD_ACCESS_KEY_ID=… ALIBABA_CLOUD_ACCESS_KEY_SECRET=… sh purge.sh http://www.example.com/page.html
endpoint=https://freshet.example.com
# It speaks HTTPS unless it is told.
case $endpoint in http:*) plain=--insecure ;; esac
aliyun dcdn RefreshDcdnObjectCaches $plain --endpoint "${endpoint#*://}" --ObjectPath "$1"
